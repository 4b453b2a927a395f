// A game in a terminal that signs its player in by the device flow: it shows a QR code, polls, and prints who is signed in.
// Usage: dotnet run --project samples/ConsoleGame [broker] [app] [scope]
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using QRCoder;

// Trouble of the network or of the broker's storage: what the game holds is still good.
const string Unreachable = "unreachable";

var broker = new Uri(args.ElementAtOrDefault(0) ?? "http://localhost:7071");
var app = args.ElementAtOrDefault(1) ?? "aura";
var scope = args.ElementAtOrDefault(2) ?? "";
using var http = new HttpClient { BaseAddress = broker };

var device = await PostAsync("/device_authorization", ("client_id", app), ("scope", scope));
if (Text(device, "device_code") is not { } deviceCode)
    return Fail(device);
var link = Text(device, "verification_uri_complete")!;
using var code = QRCodeGenerator.GenerateQrCode(link, QRCodeGenerator.ECCLevel.M);
Console.WriteLine(new AsciiQRCode(code).GetGraphicSmall());
Console.WriteLine($"Scan it, or open {link}");
Console.WriteLine($"and check that it shows {Text(device, "user_code")}.");

var interval = TimeSpan.FromSeconds(device.GetProperty("interval").GetInt32());
JsonElement token;
while (true)
{
    await Task.Delay(interval);
    token = await PostAsync("/token", ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", app), ("device_code", deviceCode));
    var error = Text(token, "error");
    if (error == "slow_down")
        interval += TimeSpan.FromSeconds(5); // RFC 8628 §3.5
    else if (error is not ("authorization_pending" or Unreachable))
        break;
}
if (Text(token, "access_token") is not { } accessToken)
    return Fail(token);

using var request = new HttpRequestMessage(HttpMethod.Get, $"/userinfo?app={app}");
request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
using var profile = await http.SendAsync(request);
// A provider without a user endpoint may have told of the player beside the token.
Console.WriteLine(profile.IsSuccessStatusCode ? await profile.Content.ReadAsStringAsync() : token.TryGetProperty("extra", out var extra) ? extra.ToString() : "Signed in.");
return 0;

async Task<JsonElement> PostAsync(string path, params (string Name, string Value)[] fields)
{
    using var form = new FormUrlEncodedContent(fields.Where(field => field.Value.Length > 0).Select(field => KeyValuePair.Create(field.Name, field.Value)));
    try
    {
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), form);
        if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
            return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
    catch (HttpRequestException)
    {
    }
    return JsonSerializer.SerializeToElement(new { error = Unreachable, error_description = "The broker does not answer." });
}

static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.ToString() : null;

static int Fail(JsonElement error)
{
    Console.Error.WriteLine($"{Text(error, "error")}: {Text(error, "error_description")}");
    return 1;
}
