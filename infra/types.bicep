@export()
@description('One game. Its client secrets go into the vault, never here.')
type appType = {
  @description('The app name: lower-case letters and digits. The vault holds its secret as {name}-client-secret.')
  @minLength(1)
  @maxLength(40)
  name: string

  @description('Entry of providers.json; the app name when left out.')
  provider: string?

  @description('The client id at the provider; left out where there are several providers.')
  clientId: string?

  @description('Several providers by their entries of providers.json; the player chooses. The vault holds {name}-{provider}-client-secret.')
  providers: { *: registrationType }?

  @description('What players know the game as.')
  displayName: string?

  @description('The scopes that may be asked for; the list of the provider when left out.')
  scopes: string[]?

  @description('Fills {domain} in the URLs of the provider.')
  domain: string?

  @description('Issuer identifier of an oidc provider.')
  issuer: string?

  @description('Authorization endpoint instead of the one of the provider.')
  authorizationEndpoint: string?

  @description('Token endpoint instead of the one of the provider.')
  tokenEndpoint: string?

  @description('Revocation endpoint instead of the one of the provider.')
  revocationEndpoint: string?

  @description('User endpoint instead of the one of the provider.')
  userInfoEndpoint: string?

  @description('Where the keys of its ID tokens are, instead of the address of the provider.')
  jwksEndpoint: string?

  @description('Id of the key with which the client signs; the vault holds the key as {name}-client-key.')
  clientKeyId: string?

  @description('Who issues what the client signs, where that is not the client id: at Apple the team.')
  clientKeyIssuer: string?

  @description('Whether the provider may be at a private address.')
  allowPrivateNetwork: bool?

  @description('Picture on the button that leads to the provider: a data URI, or a file of the app.')
  mark: string?

  @description('What the game may use; all three when left out, redirect where there are redirect URIs.')
  flows: ('accessCode' | 'device' | 'redirect')[]?

  @description('Where /authorize may send players back to, to the letter; at a loopback address any port.')
  redirectUris: string[]?

  @description('Whether the redirect URI at the provider is the own one of the game, as defence against mix-up.')
  ownRedirectUri: bool?

  @description('Picture on the pages: a data URI, or a file of the app.')
  logo: string?

  @description('Accent colour of the pages, as #rrggbb.')
  accentColor: string?

  @description('Accent colour of the pages where they are dark.')
  accentColorDark: string?

  @description('The site of the game; like the next three a link at the foot of the pages.')
  homeUrl: string?

  @description('Its privacy policy.')
  privacyUrl: string?

  @description('Its terms of service.')
  termsUrl: string?

  @description('Where its players get help.')
  supportUrl: string?

  @description('Whether sign-ins without PKCE are refused.')
  requirePkce: bool?

  @description('Whether sign-ins without a DPoP key are refused.')
  requireDpop: bool?
}

@export()
@description('The registration of a game at one of several providers.')
type registrationType = {
  @description('The client id at the provider.')
  clientId: string?

  @description('The scopes that may be asked for; the list of the provider when left out.')
  scopes: string[]?

  @description('Fills {domain} in the URLs of the provider.')
  domain: string?

  @description('Issuer identifier of an oidc provider.')
  issuer: string?

  @description('Authorization endpoint instead of the one of the provider.')
  authorizationEndpoint: string?

  @description('Token endpoint instead of the one of the provider.')
  tokenEndpoint: string?

  @description('Revocation endpoint instead of the one of the provider.')
  revocationEndpoint: string?

  @description('User endpoint instead of the one of the provider.')
  userInfoEndpoint: string?

  @description('Where the keys of its ID tokens are, instead of the address of the provider.')
  jwksEndpoint: string?

  @description('Id of the key with which the client signs; the vault holds the key as {name}-client-key.')
  clientKeyId: string?

  @description('Who issues what the client signs, where that is not the client id: at Apple the team.')
  clientKeyIssuer: string?

  @description('Whether the provider may be at a private address.')
  allowPrivateNetwork: bool?

  @description('Picture on the button that leads to the provider: a data URI, or a file of the app.')
  mark: string?
}

@export()
@description('App settings by name.')
type settingsType = {
  *: string
}

@export()
@description('Tags by name.')
type tagsType = {
  *: string
}
