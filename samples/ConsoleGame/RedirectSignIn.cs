using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;

namespace ConsoleGame;

/// <summary>
/// Signs the player in by a redirect to a port of this machine (RFC 8252 §7.3), by hand: any OAuth client library does the same.
/// </summary>
internal static class RedirectSignIn
{
    /// <summary>Waits until the player has come back.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="app">The game's name.</param>
    /// <param name="scopes">What it asks for.</param>
    /// <param name="open">Opens an address in the player's browser.</param>
    /// <returns>The broker's token reply.</returns>
    public static async Task<JsonElement> RunAsync(Uri broker, string app, IEnumerable<string> scopes, Action<string> open)
    {
        var (verifier, state) = (Random(), Random());
        var challenge = Base64Url(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        using var listener = Listen(out var redirectUri);
        var query = HttpUtility.ParseQueryString("");
        query["response_type"] = "code";
        query["client_id"] = app;
        query["redirect_uri"] = redirectUri;
        query["state"] = state;
        query["code_challenge"] = challenge;
        query["code_challenge_method"] = "S256";
        if (scopes.Any())
            query["scope"] = string.Join(' ', scopes);
        open($"{new Uri(broker, "authorize")}?{query}");

        var context = await listener.GetContextAsync();
        var answer = context.Request.QueryString;
        context.Response.Close(Encoding.UTF8.GetBytes("You can close this page and go back to the game."), willBlock: true);
        // RFC 6749 §10.12, RFC 9207 §2.4: it must be the answer to this question, and the broker's.
        if (answer["state"] != state || answer["iss"] != broker.AbsoluteUri.TrimEnd('/'))
            throw new InvalidOperationException("This answer belongs to another sign-in.");
        if (answer["code"] is not { } code)
            throw new InvalidOperationException($"The sign-in failed: {answer["error"]}. {answer["error_description"]}");

        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirectUri,
            ["client_id"] = app,
            ["code_verifier"] = verifier,
        });
        using var reply = await http.PostAsync(new Uri(broker, "token"), form);
        var tokens = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode ? JsonDocument.Parse(tokens).RootElement : throw new InvalidOperationException(tokens);
    }

    /// <summary>Listens on a port that is free.</summary>
    private static HttpListener Listen(out string redirectUri)
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(49152, 65536);
            redirectUri = $"http://127.0.0.1:{port}/callback";
            var listener = new HttpListener();
            listener.Prefixes.Add($"{redirectUri}/");
            try
            {
                listener.Start();
                return listener;
            }
            catch (HttpListenerException)
            {
                listener.Close(); // The port is in use.
            }
        }
    }

    private static string Random() => Base64Url(RandomNumberGenerator.GetBytes(32));

    private static string Base64Url(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
