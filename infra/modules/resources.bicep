import { appType, tagsType } from '../types.bicep'

@description('Region of every resource.')
param location string

@description('Makes resource names unique.')
@minLength(13)
@maxLength(13)
param token string

@description('Tags of every resource.')
param tags tagsType

@description('Object id of whoever deploys.')
param principalId string

@description('What kind of principal deploys.')
@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string

@description('The games.')
param apps appType[]

@description('Name of the app used when a request names none.')
param defaultApp string

@description('Origins of games in browsers that may call the broker.')
param allowedOrigins string[]

@description('Azure Front Door profile that all requests must come through; none when empty.')
param frontDoorId string

@description('Custom domain of the broker.')
param customDomain string

@description('Whether an earlier deployment has bound the custom domain.')
param customDomainBound bool

@description('Address that alerts are mailed to.')
param alertEmail string

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

@description('Whether storage and vault are reached through private endpoints only.')
param usePrivateNetwork bool

@description('Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int

var identityName = 'id-${token}'
var insightsName = 'appi-${token}'

module identity 'identity.bicep' = {
  name: 'identity'
  params: { name: identityName, location: location, tags: tags }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    token: token
    location: location
    tags: tags
    retentionDays: logRetentionDays
    insightsName: insightsName
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
  }
}

module network 'network.bicep' = if (usePrivateNetwork) {
  name: 'network'
  params: { token: token, location: location, tags: tags }
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
    workspaceId: monitoring.outputs.workspaceId
    isPrivate: usePrivateNetwork
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: 'kv-${token}'
    location: location
    tags: tags
    identityName: identityName
    identityPrincipalId: identity.outputs.principalId
    principalId: principalId
    principalType: principalType
    workspaceId: monitoring.outputs.workspaceId
    isPrivate: usePrivateNetwork
  }
}

module privateEndpoints 'private-endpoints.bicep' = if (usePrivateNetwork) {
  name: 'private-endpoints'
  params: {
    token: token
    location: location
    tags: tags
    subnetId: network.?outputs.endpointSubnetId ?? ''
    networkId: network.?outputs.networkId ?? ''
    storageId: storage.outputs.id
    vaultId: vault.outputs.id
  }
}

module functionApp 'function-app.bicep' = {
  name: 'function-app'
  params: {
    name: 'func-${token}'
    planName: 'plan-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    tableEndpoint: storage.outputs.tableEndpoint
    blobEndpoint: storage.outputs.blobEndpoint
    vaultUri: vault.outputs.uri
    insightsName: insightsName
    workspaceId: monitoring.outputs.workspaceId
    subnetId: network.?outputs.appSubnetId ?? ''
    apps: apps
    defaultApp: defaultApp
    allowedOrigins: allowedOrigins
    frontDoorId: frontDoorId
    customDomain: customDomain
    customDomainBound: customDomainBound
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
  }
  // In a private network the app finds storage and vault only once their endpoints and names are there.
  dependsOn: [privateEndpoints]
}

module alerts 'alerts.bicep' = {
  name: 'alerts'
  params: {
    token: token
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    email: alertEmail
  }
}

@description('Name of the vault.')
output vaultName string = vault.outputs.name

@description('Name of the function app.')
output functionAppName string = functionApp.outputs.name

@description('Base URL of the broker.')
output publicUrl string = functionApp.outputs.publicUrl
