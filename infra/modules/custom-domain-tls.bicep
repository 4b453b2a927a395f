@description('Name of the function app.')
param siteName string

@description('The custom domain, already bound without TLS.')
param customDomain string

@description('Thumbprint of its certificate.')
param thumbprint string

resource site 'Microsoft.Web/sites@2025-03-01' existing = {
  name: siteName
}

resource binding 'Microsoft.Web/sites/hostNameBindings@2025-03-01' = {
  parent: site
  name: customDomain
  properties: {
    siteName: siteName
    hostNameType: 'Verified'
    sslState: 'SniEnabled'
    thumbprint: thumbprint
  }
}
