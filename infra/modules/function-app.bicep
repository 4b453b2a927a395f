import { appType, registrationType, settingsType, tagsType } from '../types.bicep'

@description('Name of the function app.')
param name string

@description('Name of the plan.')
param planName string

@description('Region.')
param location string

@description('Tags.')
param tags tagsType

@description('Resource id of the identity.')
param identityId string

@description('Client id of the identity.')
param identityClientId string

@description('Name of the storage account.')
param storageName string

@description('Container that the code is deployed to.')
param deploymentContainer string

@description('Table endpoint of the storage account.')
param tableEndpoint string

@description('Blob endpoint of the storage account.')
param blobEndpoint string

@description('URI of the vault.')
param vaultUri string

@description('Name of the Application Insights component.')
param insightsName string

@description('Workspace that diagnostics go to.')
param workspaceId string

@description('Subnet of the app; none when empty.')
param subnetId string

@description('The games.')
param apps appType[]

@description('Name of the app used when a request names none.')
param defaultApp string

@description('Origins of games in browsers that may call the broker.')
param allowedOrigins string[]

@description('Azure Front Door profile that all requests must come through; none when empty.')
param frontDoorId string

@description('Custom domain; the host name of Azure when empty.')
param customDomain string

@description('Whether an earlier deployment has bound the custom domain.')
param customDomainBound bool

@description('Memory of one instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('The most instances.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Instances that are always there.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int

// The settings of a registration, whose keys begin with the prefix: in the place of the game, or of one of its providers.
func registrationSettings(prefix string, registration registrationType) settingsType => union(
  empty(registration.?clientId) ? {} : { '${prefix}__ClientId': registration.?clientId },
  empty(registration.?domain) ? {} : { '${prefix}__Domain': registration.?domain },
  empty(registration.?issuer) ? {} : { '${prefix}__Issuer': registration.?issuer },
  empty(registration.?authorizationEndpoint) ? {} : { '${prefix}__AuthorizationEndpoint': registration.?authorizationEndpoint },
  empty(registration.?tokenEndpoint) ? {} : { '${prefix}__TokenEndpoint': registration.?tokenEndpoint },
  empty(registration.?revocationEndpoint) ? {} : { '${prefix}__RevocationEndpoint': registration.?revocationEndpoint },
  empty(registration.?userInfoEndpoint) ? {} : { '${prefix}__UserInfoEndpoint': registration.?userInfoEndpoint },
  empty(registration.?jwksEndpoint) ? {} : { '${prefix}__JwksEndpoint': registration.?jwksEndpoint },
  empty(registration.?clientKeyId) ? {} : { '${prefix}__ClientKeyId': registration.?clientKeyId },
  empty(registration.?clientKeyIssuer) ? {} : { '${prefix}__ClientKeyIssuer': registration.?clientKeyIssuer },
  empty(registration.?mark) ? {} : { '${prefix}__Mark': registration.?mark },
  (registration.?allowPrivateNetwork ?? false) ? { '${prefix}__AllowPrivateNetwork': 'true' } : {},
  listSettings('${prefix}__Scopes', registration.?scopes ?? [])
)

func listSettings(key string, values string[]) settingsType =>
  toObject(range(0, length(values)), index => '${key}__${index}', index => values[index])

// One object of settings for each game, then all in one.
var perApp = [for app in apps: union(
  registrationSettings('Apps__${app.name}', app),
  reduce(
    map(items(app.?providers ?? {}), each => registrationSettings('Apps__${app.name}__Providers__${each.key}', each.value)),
    {},
    (all, one) => union(all, one)
  ),
  empty(app.?provider) ? {} : { 'Apps__${app.name}__Provider': app.?provider },
  empty(app.?displayName) ? {} : { 'Apps__${app.name}__DisplayName': app.?displayName },
  empty(app.?logo) ? {} : { 'Apps__${app.name}__Logo': app.?logo },
  empty(app.?accentColor) ? {} : { 'Apps__${app.name}__AccentColor': app.?accentColor },
  empty(app.?accentColorDark) ? {} : { 'Apps__${app.name}__AccentColorDark': app.?accentColorDark },
  empty(app.?homeUrl) ? {} : { 'Apps__${app.name}__HomeUrl': app.?homeUrl },
  empty(app.?privacyUrl) ? {} : { 'Apps__${app.name}__PrivacyUrl': app.?privacyUrl },
  empty(app.?termsUrl) ? {} : { 'Apps__${app.name}__TermsUrl': app.?termsUrl },
  empty(app.?supportUrl) ? {} : { 'Apps__${app.name}__SupportUrl': app.?supportUrl },
  (app.?requirePkce ?? false) ? { 'Apps__${app.name}__RequirePkce': 'true' } : {},
  (app.?requireDpop ?? false) ? { 'Apps__${app.name}__RequireDpop': 'true' } : {},
  (app.?ownRedirectUri ?? false) ? { 'Apps__${app.name}__OwnRedirectUri': 'true' } : {},
  listSettings('Apps__${app.name}__Flows', app.?flows ?? []),
  listSettings('Apps__${app.name}__RedirectUris', app.?redirectUris ?? [])
)]
var appSettings = reduce(perApp, {}, (all, one) => union(all, one))

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource functionApp 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'broker' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
      }
    }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storageName
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        AZURE_CLIENT_ID: identityClientId
        AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
        // Else the page of the platform stands at the root, in place of ours.
        AzureWebJobsDisableHomepage: 'true'
        // In bytes. The host reads each body into memory before the app can refuse it (docs/security.md).
        FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '65536'
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
        SessionStorage__tableServiceUri: tableEndpoint
        KeyVault__Uri: vaultUri
        Broker__PublicUrl: 'https://${empty(customDomain) ? functionApp.properties.defaultHostName : customDomain}'
      },
      empty(defaultApp) ? {} : { Broker__DefaultApp: defaultApp },
      empty(frontDoorId) ? {} : { Broker__FrontDoorId: frontDoorId },
      toObject(range(0, length(allowedOrigins)), index => 'Broker__AllowedOrigins__${index}', index => allowedOrigins[index]),
      appSettings
    )
  }
}

resource binding 'Microsoft.Web/sites/hostNameBindings@2025-03-01' = if (!empty(customDomain) && !customDomainBound) {
  parent: functionApp
  name: empty(customDomain) ? 'none' : customDomain
  properties: {
    siteName: functionApp.name
    hostNameType: 'Verified'
  }
}

// Flex Consumption takes certificates of the site itself only.
resource certificate 'Microsoft.Web/sites/certificates@2025-03-01' = if (!empty(customDomain)) {
  parent: functionApp
  name: 'cert-${name}'
  location: location
  tags: tags
  properties: { canonicalName: customDomain }
  dependsOn: [binding]
}

// The certificate can be issued only once the name is bound, and bound only once it is issued: hence a second step.
module tls 'custom-domain-tls.bicep' = if (!empty(customDomain)) {
  name: 'custom-domain-tls'
  params: {
    siteName: functionApp.name
    customDomain: customDomain
    thumbprint: empty(customDomain) ? '' : certificate!.properties.thumbprint
  }
}

#disable-next-line use-recent-api-versions // No newer stable version has these properties.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: functionApp
  properties: {
    workspaceId: workspaceId
    // Metrics only: the app's log goes to Application Insights, and the platform's access log would hold query strings.
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

@description('Name of the function app.')
output name string = functionApp.name

@description('Base URL of the broker.')
output publicUrl string = 'https://${empty(customDomain) ? functionApp.properties.defaultHostName : customDomain}'
