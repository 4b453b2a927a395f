namespace TokenBroker.OAuth;

/// <summary>
/// OpenID Authentication 2.0, as Steam speaks it: the browser brings who the player is, and the provider is asked whether it said so. There
/// is no access token.
/// </summary>
public sealed partial class OpenId2Client(ProviderHttp http, BrokerOptions options, TimeProvider time, ILogger<OpenId2Client> logger)
{
    /// <summary><c>openid.ns</c> (§4.1.2).</summary>
    public const string Namespace = "http://specs.openid.net/auth/2.0";

    /// <summary>What a verified answer calls the player's id, for <c>identity</c> of the provider's entry.</summary>
    public const string Subject = "subject";

    /// <summary>How old an answer may be.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    /// <summary>How far the provider's clock may be ahead.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(2);

    /// <summary>What has to be signed (§10.1).</summary>
    private static readonly string[] Signed = ["op_endpoint", "claimed_id", "identity", "return_to", "response_nonce", "assoc_handle"];

    /// <summary>Where the provider sends the browser back to: the redirect URI, with the session's <c>state</c>.</summary>
    public static string ReturnTo(BrokerOptions options, Registration registration, string state) =>
        $"{options.Url(registration.RedirectPath)}?state={state}";

    /// <summary>Verifies an answer (§11).</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="answer">The parameters <c>openid.…</c> that the browser brought, each once.</param>
    /// <param name="state">The session's <c>state</c>.</param>
    /// <returns>Who the player is, as what a token reply would say beside the token; or why nobody knows.</returns>
    public async Task<Result<TokenReply, ProviderFailure>> VerifyAsync(
        Registration registration, IReadOnlyDictionary<string, string> answer, string state)
    {
        if (ProblemWith(registration, answer, state) is { } problem)
        {
            Log.Refused(logger, registration.Id, problem);
            return ProviderFailure.RefusedGrant;
        }
        using var limit = http.NewLimit();
        // Always the provider that is configured: never the address that the answer names.
        var fields = new Dictionary<string, string>(answer) { ["openid.mode"] = "check_authentication" };
        var request = new HttpRequestMessage(HttpMethod.Post, registration.Endpoints.Token) { Content = new FormUrlEncodedContent(fields) };
        var reply = await http.SendAsync(registration, request, limit.Token);
        if (reply.Status != (int)HttpStatusCode.OK)
        {
            var trouble = reply.IsTimeout ? ProviderFailure.Timeout : ProviderFailure.Trouble;
            var failure = reply.Status >= 500 ? trouble : ProviderFailure.RefusedRequest;
            ProviderCallLog.Failed(logger, registration, ProviderCall.Verification, registration.Endpoints.Token!, failure, reply);
            return failure;
        }
        // §4.1.1: a line for each field.
        var said = Encoding.UTF8.GetString(reply.Body).Split('\n')
            .Where(line => line.StartsWith("is_valid:", StringComparison.Ordinal)).ToList();
        var isValid = said is ["is_valid:true"];
        if (!isValid)
        {
            Log.Refused(logger, registration.Id, "the provider says that it is not its own");
            return ProviderFailure.RefusedGrant;
        }
        var subject = answer["openid.claimed_id"][registration.Provider.ClaimedIdPrefix!.Length..];
        var extra = new Dictionary<string, JsonElement>
        {
            [Subject] = JsonSerializer.SerializeToElement(subject, JsonText.Default.String),
        };
        return new TokenReply("", "Bearer", null, null, null, extra);
    }

    private string? ProblemWith(Registration registration, IReadOnlyDictionary<string, string> answer, string state)
    {
        string? Of(string name) => answer.GetValueOrDefault($"openid.{name}");
        if (answer.Values.Any(value => value.Any(char.IsControl)))
            return "it has line breaks";
        if (Of("ns") != Namespace || Of("mode") != "id_res")
            return "it is no assertion";
        if (Of("op_endpoint") != registration.Endpoints.Authorization!.AbsoluteUri)
            return "op_endpoint is another";
        if (Of("return_to") is not { } returnTo || !ConstantTime.AreEqual(returnTo, ReturnTo(options, registration, state)))
            return "return_to is another";
        var signed = (Of("signed") ?? "").Split(',');
        if (Signed.Except(signed).Any())
            return "not all of it is signed";
        var prefix = registration.Provider.ClaimedIdPrefix!;
        var isClaim = Of("claimed_id") is { } id && id == Of("identity") && id.Length > prefix.Length &&
            id.StartsWith(prefix, StringComparison.Ordinal) && id[prefix.Length..].All(char.IsAsciiDigit);
        if (!isClaim)
            return "claimed_id is none of the provider's";
        // §10.1: the time comes first.
        var nonce = Of("response_nonce") ?? "";
        var isTime = DateTimeOffset.TryParseExact(
            nonce.Length >= 20 ? nonce[..20] : "", "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var made);
        var now = time.GetUtcNow();
        return isTime && made > now - MaxAge && made < now + MaxSkew ? null : "response_nonce is too old";
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An OpenID answer for app {App} is refused: {Problem}")]
        public static partial void Refused(ILogger logger, string app, string problem);
    }
}
