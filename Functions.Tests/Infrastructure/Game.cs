using System.Net.Http.Headers;
using System.Text.Json;

namespace TokenBroker.Tests.Infrastructure;

/// <summary>A game that speaks to the broker.</summary>
internal sealed class Game(Uri broker, Transcript? transcript = null, string address = "127.0.0.1") : IDisposable
{
    private readonly HttpClient _http =
        new(transcript?.Hearing(Loopback.HandlerAt(address)) ?? Loopback.HandlerAt(address)) { BaseAddress = broker };

    /// <summary>What goes along with every request.</summary>
    public HttpRequestHeaders Headers => _http.DefaultRequestHeaders;

    public Task<Reply> ExchangeAsync(string accessCode) => GetAsync($"/exchange-code?access_code={Uri.EscapeDataString(accessCode)}");

    public async Task<Reply> GetAsync(string url) => await Reply.OfAsync(await _http.GetAsync(new Uri(url, UriKind.Relative)));

    public Task<Reply> RefreshAsync(string app, string refreshToken, params (string Name, string Value)[] more) =>
        PostAsync("/token", [("grant_type", "refresh_token"), ("client_id", app), ("refresh_token", refreshToken), .. more]);

    public Task<Reply> StartDeviceAsync(string app = "lifescope", string? scope = "basic") =>
        PostAsync("/device_authorization", scope is null ? [("client_id", app)] : [("client_id", app), ("scope", scope)]);

    public Task<Reply> PollAsync(Reply device, string app = "lifescope", params (string Name, string Value)[] more) =>
        PostAsync("/token", [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", app),
            ("device_code", device.Text("device_code")!), .. more]);

    public async Task<Reply> UserInfoAsync(string app, string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/userinfo?app={app}", UriKind.Relative));
        request.Headers.Authorization = new("Bearer", accessToken);
        return await SendAsync(request);
    }

    public async Task<Reply> PostAsync(string url, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await Reply.OfAsync(await _http.PostAsync(new Uri(url, UriKind.Relative), content));
    }

    public async Task<Reply> SendAsync(HttpRequestMessage request) => await Reply.OfAsync(await _http.SendAsync(request));

    public void Dispose() => _http.Dispose();
}

/// <summary>What a game gets.</summary>
internal sealed record Reply(int Status, string Body, HttpResponseMessage Response)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Error => Text("error");

    public string? OAuthToken => Text("oauth_token");

    public string? Text(string member) => Json.TryGetProperty(member, out var value) ? value.ToString() : null;

    public static async Task<Reply> OfAsync(HttpResponseMessage response) =>
        new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
}
