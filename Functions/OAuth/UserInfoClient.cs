using Microsoft.AspNetCore.WebUtilities;

namespace TokenBroker.OAuth;

/// <summary>A provider's user endpoint, read with the player's own access token.</summary>
public sealed class UserInfoClient(ProviderHttp http, Discovery discovery, ILogger<UserInfoClient> logger)
{
    /// <summary>Reads the player's profile.</summary>
    /// <param name="registration">The registration.</param>
    /// <param name="accessToken">The player's access token.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The provider's JSON, at most 1 MiB, or why there is none.</returns>
    public async Task<Result<byte[], ProviderFailure>> ReadAsync(Registration registration, string accessToken,
        CancellationToken cancellation)
    {
        if (await discovery.ResolveAsync(registration, cancellation) is not { } resolved)
            return ProviderFailure.Trouble;
        if (resolved.Endpoints.UserInfo is not { } endpoint)
            return ProviderFailure.NoEndpoint;
        var parameters = resolved.Provider.UserInfoParameters.ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
        var url = new Uri(QueryHelpers.AddQueryString(endpoint.AbsoluteUri, parameters));
        var reply = await http.GetAsync(resolved, url, accessToken, cancellation);
        if (reply.Status == (int)HttpStatusCode.OK && IsJson(reply.Body))
            return reply.Body;
        var failure = FailureOf(reply);
        ProviderCallLog.Failed(logger, resolved, ProviderCall.UserInfo, endpoint, failure, reply);
        return failure;
    }

    private static ProviderFailure FailureOf(ProviderHttp.Reply reply) => (HttpStatusCode)reply.Status switch
    {
        // Only the token can be wrong in this request. Facebook answers 400:
        // https://developers.facebook.com/docs/graph-api/guides/error-handling
        HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest => ProviderFailure.RefusedToken,
        HttpStatusCode.Forbidden => ProviderFailure.InsufficientScope,
        HttpStatusCode.GatewayTimeout => ProviderFailure.Timeout,
        >= HttpStatusCode.InternalServerError => ProviderFailure.Trouble,
        _ => ProviderFailure.RefusedRequest,
    };

    private static bool IsJson(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
