// TokenBroker in one resource group: `azd up` fills in the parameters from the environment.
targetScope = 'subscription'

import { appType } from 'types.bicep'

@description('Name of the azd environment; part of every resource name.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region of every resource. It must offer Flex Consumption: az functionapp list-flexconsumption-locations.')
@minLength(1)
param location string

@description('Object id of whoever deploys; gets the right to write secrets. Empty: nobody does.')
@maxLength(36)
param principalId string = ''

@description('What kind of principal deploys.')
@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string = 'User'

@description('The games.')
@minLength(1)
param apps appType[]

@description('Name of the app used when a request names none; the only app when empty.')
@maxLength(40)
param defaultApp string = ''

@description('Origins of games in browsers that may call the broker, such as https://play.example.com.')
param allowedOrigins string[] = []

@description('Azure Front Door profile that all requests must come through, as the GUID that it sends in X-Azure-FDID; none when empty.')
param frontDoorId string = ''

@description('Custom domain of the broker, with a DNS record already pointing at it; the host name of Azure when empty.')
@maxLength(253)
param customDomain string = ''

@description('Whether an earlier deployment has bound the custom domain. Without it the name is bound anew, for a while without TLS.')
param customDomainBound bool = false

@description('Address that alerts are mailed to; no action group when empty.')
@maxLength(254)
param alertEmail string = ''

@description('Memory of one instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('The most instances: caps the cost of an attack.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 100

@description('Instances that wait for the first player of the day; each is billed while it waits.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Whether storage and vault are reached through private endpoints only.')
param usePrivateNetwork bool = false

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

var tags = { 'azd-env-name': environmentName }
var token = uniqueString(subscription().id, environmentName, location)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module resources 'modules/resources.bicep' = {
  name: 'resources-${token}'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    principalId: principalId
    principalType: principalType
    apps: apps
    defaultApp: defaultApp
    allowedOrigins: allowedOrigins
    frontDoorId: frontDoorId
    customDomain: customDomain
    customDomainBound: customDomainBound
    alertEmail: alertEmail
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    usePrivateNetwork: usePrivateNetwork
    logRetentionDays: logRetentionDays
  }
}

@description('The resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The vault that client secrets and the protection key go into.')
output AZURE_KEY_VAULT_NAME string = resources.outputs.vaultName

@description('The function app.')
output AZURE_FUNCTION_APP_NAME string = resources.outputs.functionAppName

@description('The base URL of the broker.')
output BROKER_PUBLIC_URL string = resources.outputs.publicUrl
