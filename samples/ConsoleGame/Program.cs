// A game in a terminal. Usage: dotnet run --project samples/ConsoleGame [broker] [app] [scope] [code|redirect]
// It signs its player in by the device flow with a QR code; with "code" by an access code that the player types; with "redirect" by a
// browser on this machine, from which the player comes back by themselves.
using System.Diagnostics;
using ConsoleGame;
using QRCoder;
using TokenBroker.Client;

var broker = new Uri(args.ElementAtOrDefault(0) ?? "http://localhost:7071");
var app = args.ElementAtOrDefault(1) ?? "aura";
string[] scopes = args.ElementAtOrDefault(2) is { Length: > 0 } scope ? [scope] : [];
var client = new TokenBrokerClient(broker, app);
try
{
    if (args.Contains("redirect"))
    {
        Console.WriteLine((await RedirectSignIn.RunAsync(broker, app, scopes, Open)).ToString());
        return 0;
    }
    var tokens = args.Contains("code")
        ? await WithAccessCodeAsync()
        : await client.SignInWithDeviceAsync(Show, CancellationToken.None, scopes);
    Console.WriteLine((await ProfileAsync(tokens)).ToString());
    if (tokens.RefreshToken is not null)
        await client.RefreshAsync(); // By hand, to show it; a token that is about to end is refreshed by itself.
    Console.WriteLine("Signed in, refreshed. Signing out again.");
    await client.SignOutAsync();
    return 0;
}
catch (TokenBrokerException exception)
{
    Console.Error.WriteLine($"{exception.Error}: {exception.Message}");
    return 1;
}
catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

static void Open(string address)
{
    Console.WriteLine($"Open {address}");
    if (Environment.GetEnvironmentVariable("BROWSER") is { Length: > 0 } command)
        Process.Start(command, address);
}

static void Show(DevicePrompt prompt)
{
    using var code = QRCodeGenerator.GenerateQrCode(prompt.CompleteAddress.AbsoluteUri, QRCodeGenerator.ECCLevel.M);
    Console.WriteLine(new AsciiQRCode(code).GetGraphicSmall());
    Console.WriteLine($"Scan it, or open {prompt.CompleteAddress}");
    Console.WriteLine($"and check that it shows {prompt.UserCode}.");
}

async Task<object> ProfileAsync(Tokens tokens)
{
    try
    {
        return await client.GetUserInfoAsync();
    }
    catch (TokenBrokerException exception) when (exception.Error == TokenBrokerError.Misconfigured && tokens.Extra is not null)
    {
        return tokens.Extra; // A provider that tells no profiles may have told of the player beside the token.
    }
}

async Task<Tokens> WithAccessCodeAsync()
{
    var signIn = client.SignInWithAccessCode(scopes);
    Open(signIn.Address.AbsoluteUri);
    while (true)
    {
        Console.Write("Code: ");
        var typed = Console.ReadLine() ?? throw new OperationCanceledException("Nobody is there to type a code.");
        try
        {
            return await signIn.CompleteAsync(typed);
        }
        catch (TokenBrokerException exception) when (exception.Error == TokenBrokerError.InvalidCode)
        {
            Console.WriteLine("That is not the code. Look again; after five minutes begin again.");
        }
    }
}
