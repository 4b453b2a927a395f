using System.Text.Json;
using Microsoft.Extensions.Logging;
using TokenBroker.Apps;
using TokenBroker.OAuth;
using TokenBroker.Secrets;

namespace TokenBroker.Sessions;

/// <summary>Hands the tokens of a grant to the game: exactly one caller gets them, whatever becomes of the answer.</summary>
public sealed partial class Redemption(
    ISessionStore store, ISecrets secrets, ProviderClient provider, BrokerMetrics metrics, TimeProvider time, ILogger<Redemption> logger)
{
    /// <summary>A token with less to live is refreshed before the game gets it.</summary>
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, JsonElement> NoExtra = [];

    /// <summary>Takes the grant: 1 conditional delete.</summary>
    /// <returns>The tokens, with the refresh token sealed; null when another caller was first.</returns>
    internal async Task<TokenReply?> TakeAsync(App app, Grant grant, GrantContent content, CancellationToken cancellation)
    {
        // What is needed afterwards is at hand before the grant is taken: a vault that is down must not cost the player the token.
        var keys = await secrets.ProtectionKeysAsync(cancellation);
        var isStale = IsStale(app, content.Token);
        if (isStale)
            await secrets.ClientSecretAsync(app, cancellation);
        // From here on the game's patience does not count: a delete that is cut off may have happened.
        if (!await store.TryTakeAsync(grant, CancellationToken.None))
            return null;

        metrics.Redeemed("ok");
        Log.Redeemed(logger, app.Name);
        var token = isStale ? await FreshAsync(app, content) : content.Token;
        return SealedRefreshToken.SealInto(token, app, content.Granted(app.Provider), keys.Current(time.GetUtcNow()));
    }

    private bool IsStale(App app, TokenReply token) =>
        app.Provider.Refresh && token.RefreshToken is not null && token.ExpiresAt < time.GetUtcNow() + MinLifetime;

    /// <summary>
    /// The tokens, refreshed since they are about to die: some live less than the five minutes that a grant may wait. It happens after the
    /// grant was taken, so that of many callers one refreshes. If it fails the game gets what there is, and can refresh by itself.
    /// </summary>
    private async Task<TokenReply> FreshAsync(App app, GrantContent content)
    {
        var token = content.Token;
        var refreshed = await provider.RefreshAsync(app, token.RefreshToken!, content.Granted(app.Provider), narrowed: false);
        return refreshed.Token is not { } fresh ? token : fresh with
        {
            TokenType = fresh.TokenType ?? token.TokenType,
            Scope = fresh.Scope ?? token.Scope,
            // What came with the sign-in alone, such as a profile, is not repeated by a refresh.
            Extra = (token.Extra ?? NoExtra).Concat(fresh.Extra ?? NoExtra).GroupBy(member => member.Key)
                .ToDictionary(members => members.Key, members => members.Last().Value) is { Count: > 0 } extra ? extra : null,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Tokens handed to a game of app {App}")]
        public static partial void Redeemed(ILogger logger, string app);
    }
}
