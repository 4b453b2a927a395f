namespace TokenBroker.SignIns;

/// <summary>What a game asks for when it begins a sign-in.</summary>
/// <param name="App">The app.</param>
/// <param name="Scopes">The scopes.</param>
/// <param name="CodeChallenge">The PKCE challenge (RFC 7636, S256), if any.</param>
/// <param name="DpopKey">The thumbprint of the game's DPoP key (RFC 9449 §10), if it has announced one.</param>
internal sealed record SignInRequest(App App, IReadOnlyList<string> Scopes, string? CodeChallenge = null, string? DpopKey = null);
