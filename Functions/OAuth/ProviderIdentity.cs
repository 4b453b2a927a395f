using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.OAuth;

/// <summary>Who the player is, from where the provider's entry says.</summary>
public sealed partial class ProviderIdentity(
    Discovery discovery, ProviderHttp http, UserInfoClient userInfo, ProviderKeys keys, TimeProvider time, ILogger<ProviderIdentity> logger)
{
    /// <summary>How far the provider's clock may be off.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(2);

    private static readonly JsonWebTokenHandler Handler = new();

    /// <summary>What a provider may sign with: no <c>none</c>, and nothing under a shared secret.</summary>
    private static readonly string[] Algorithms =
        [SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.EcdsaSha256];

    /// <summary>Asks who the player is who has just signed in.</summary>
    /// <param name="named">The registration.</param>
    /// <param name="tokens">What the provider gave.</param>
    /// <param name="nonce">The nonce that its ID token must repeat; null after a refresh, whose token has none.</param>
    /// <param name="wantsProfile">Whether more is asked for than who it is.</param>
    /// <returns>The identity, or why there is none.</returns>
    public async Task<Result<Identity, ProviderFailure>> ReadAsync(Registration named, TokenReply tokens, string? nonce, bool wantsProfile)
    {
        // One limit for all of it: a session is given up when nothing is heard of it for long.
        using var limit = http.NewLimit();
        try
        {
            return await FindAsync(named, tokens, nonce, wantsProfile, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return ProviderFailure.Timeout;
        }
    }

    private async Task<Result<Identity, ProviderFailure>> FindAsync(
        Registration named, TokenReply tokens, string? nonce, bool wantsProfile, CancellationToken limit)
    {
        if (await discovery.ResolveAsync(named, limit) is not { } registration)
            return ProviderFailure.Trouble;
        var result = registration.Provider.Identity!.Source switch
        {
            IdentitySource.UserInfo => await AskAsync(registration, tokens, limit),
            IdentitySource.TokenReply => From(JsonSerializer.SerializeToElement(
                tokens.Extra ?? new Dictionary<string, JsonElement>(), JsonText.Default.IReadOnlyDictionaryStringJsonElement),
                    registration),
            IdentitySource.IdToken => await FromIdTokenAsync(registration, tokens, nonce, wantsProfile, limit),
            _ => throw new UnreachableException(),
        };
        if (result.Failure is { } failure)
            Log.Unnamed(logger, registration.Id, failure);
        return result;
    }

    private async Task<Result<Identity, ProviderFailure>> FromIdTokenAsync(
        Registration registration, TokenReply tokens, string? nonce, bool wantsProfile, CancellationToken limit)
    {
        var (claims, problem) = await TryValidateAsync(registration, tokens.ProviderIdToken, nonce, limit);
        if (claims is null)
        {
            Log.Refused(logger, registration.Id, RequestTrace.Id, problem);
            return ProviderFailure.NoIdentity;
        }
        var result = From(claims.Value, registration);
        // Many providers tell names at the user endpoint only (OpenID Connect Core 1.0 §5.4).
        var mustAsk = wantsProfile && result.Value is { Name: null, Email: null } && registration.Endpoints.UserInfo is not null;
        if (!mustAsk)
            return result;
        var asked = await AskAsync(registration, tokens, limit);
        if (!asked.Succeeded)
            return asked.Failure == ProviderFailure.NoIdentity ? ProviderFailure.NoIdentity : result;
        // §5.3.2: otherwise the profile is somebody else's.
        return asked.Value.Subject == result.Value!.Subject ? asked : ProviderFailure.NoIdentity;
    }

    private async Task<Result<Identity, ProviderFailure>> AskAsync(Registration registration, TokenReply tokens, CancellationToken limit)
    {
        var reply = await userInfo.ReadAsync(registration, tokens.AccessToken, limit);
        if (!reply.Succeeded)
            return reply.Failure.Value;
        using var json = JsonDocument.Parse(reply.Value);
        return From(json.RootElement, registration);
    }

    private static Result<Identity, ProviderFailure> From(JsonElement json, Registration registration)
    {
        var (mapping, prefix) = (registration.Provider.Identity!, registration.SubjectPrefix);
        try
        {
            return Identity.From(json, mapping) is { } identity && (prefix + identity.Subject).Length <= Identity.MaxSubjectLength
                ? identity
                : ProviderFailure.NoIdentity;
        }
        catch (InvalidOperationException)
        {
            return ProviderFailure.NoIdentity; // A text is no Unicode.
        }
    }

    private async Task<(JsonElement? Claims, string Problem)> TryValidateAsync(
        Registration registration, string? text, string? nonce, CancellationToken limit)
    {
        try
        {
            return await ValidateAsync(registration, text, nonce, limit);
        }
        catch (InvalidOperationException)
        {
            return (null, "a text in it is no Unicode");
        }
    }

    /// <summary>Validates a provider's ID token (OpenID Connect Core 1.0 §3.1.3.7).</summary>
    /// <returns>Its claims, or what is wrong with it, in one of a few words.</returns>
    private async Task<(JsonElement? Claims, string Problem)> ValidateAsync(
        Registration registration, string? text, string? nonce, CancellationToken limit)
    {
        if (text is null || !Handler.CanReadToken(text))
            return (null, "there is none");
        if (Read(text) is not { } token || Payload(token) is not { ValueKind: JsonValueKind.Object } claims)
            return (null, "it cannot be read");
        var keyId = token.TryGetHeaderValue<string>("kid", out var kid) && kid?.Length > 0 ? kid : null;
        if (await keys.FindAsync(registration, keyId).WaitAsync(limit) is not { } candidates)
            return (null, "its keys cannot be read");
        var validated = await Handler.ValidateTokenAsync(text, new TokenValidationParameters
        {
            IssuerSigningKeys = candidates,
            ValidAlgorithms = Algorithms,
            RequireSignedTokens = true,
            TryAllIssuerSigningKeys = true,
            // These are checked below, by our own clock and to the letter.
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        if (!validated.IsValid)
            return (null, "its signature is wrong");
        return ProblemWith(claims, registration, nonce) is { } problem ? (null, problem) : (claims, "");
    }

    private string? ProblemWith(JsonElement claims, Registration registration, string? nonce)
    {
        var now = time.GetUtcNow();
        if (IssuerFor(claims, registration) is not { } issuer || Text(claims, "iss") != issuer)
            return "iss is another";
        if (!IsAudience(claims, registration.ClientId))
            return "aud or azp is another";
        if (Time(claims, "exp") is not { } expiry || now >= expiry + MaxSkew)
            return "it has expired: compare this machine's clock with the provider's";
        if (Time(claims, "iat") is not { } issued || issued > now + MaxSkew)
            return "iat is missing or in the future: compare this machine's clock with the provider's";
        if (Time(claims, "nbf") > now + MaxSkew)
            return "it is not yet good: compare this machine's clock with the provider's";
        var sent = Text(claims, "nonce");
        var isNonce = nonce is null ? true : sent is not null && ConstantTime.AreEqual(sent, nonce);
        return isNonce ? null : "nonce is another";
    }

    /// <summary>The issuer that it must name; Entra's depends on the tenant, which the token names as well.</summary>
    private static string? IssuerFor(JsonElement claims, Registration registration)
    {
        var tenant = Text(claims, "tid");
        var isTemplate = registration.Issuer!.Contains(Provider.TenantId, StringComparison.Ordinal);
        if (!isTemplate)
            return registration.Issuer;
        return Guid.TryParseExact(tenant, "D", out _)
            ? registration.Issuer.Replace(Provider.TenantId, tenant, StringComparison.Ordinal)
            : null;
    }

    /// <summary>§3.1.3.7: for us, and if for others too, then given to us.</summary>
    private static bool IsAudience(JsonElement claims, string clientId)
    {
        if (!claims.TryGetProperty("aud", out var audience))
            return false;
        var hasParty = claims.TryGetProperty("azp", out _);
        if (hasParty && Text(claims, "azp") != clientId)
            return false;
        if (audience.ValueKind == JsonValueKind.String)
            return audience.GetString() == clientId;
        if (audience.ValueKind != JsonValueKind.Array)
            return false;
        var all = audience.EnumerateArray().ToList();
        var isAmong = all.Any(each => each.ValueKind == JsonValueKind.String && each.GetString() == clientId);
        return isAmong && (all.Count == 1 || hasParty);
    }

    private static JsonWebToken? Read(string text)
    {
        try
        {
            return new(text);
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException or JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Payload(JsonWebToken token)
    {
        try
        {
            using var json = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
            return json.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement claims, string name)
    {
        if (!claims.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var seconds))
            return null;
        // What lies beyond these is no time of a token.
        return seconds is >= 0 and < 253_402_300_000 ? DateTimeOffset.UnixEpoch.AddSeconds(seconds) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The provider of app {App} does not say who the player is: {Failure}")]
        public static partial void Unnamed(ILogger logger, string app, ProviderFailure failure);

        [LoggerMessage(2, LogLevel.Warning, "The ID token of the provider of app {App} is refused (trace id {Reference}): {Problem}")]
        public static partial void Refused(ILogger logger, string app, string reference, string problem);
    }
}
