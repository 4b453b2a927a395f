using System.Net;
using BenchmarkDotNet.Attributes;
using TokenBroker.Apps;
using TokenBroker.Crypto;
using TokenBroker.OAuth;
using TokenBroker.Providers;
using TokenBroker.SignIns;
using TokenBroker.Storage;
using TokenBroker.Web.Pages;

namespace TokenBroker.Benchmarks;

/// <summary>The hot paths, each by itself.</summary>
[MemoryDiagnoser]
public class Micro
{
    private readonly byte[] _key = new byte[ProtectionKey.Length];
    private readonly byte[] _content = new byte[600];
    private readonly SessionId _id = SessionId.New(DateTimeOffset.UtcNow);
    private readonly string _typed = "a2B3-c4D5";
    private byte[] _sealed = [];
    private string _idText = "", _state = "";
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly Provider _provider = ProviderCatalog.Embedded().Find("oauth2")!;
    private Requests _requests = null!;
    private App _app = null!;

    /// <summary>Builds the broker in this process.</summary>
    [GlobalSetup]
    public void Setup()
    {
        (_sealed, _idText, _state) = (AuthenticatedEncryption.Seal(_key, _content, "context"), _id.Text, _id.State);
        _requests = new Requests();
        _app = _requests.App;
        foreach (var (_, run) in _requests.All)
            run().GetAwaiter().GetResult();
    }

    /// <summary>A new session's id and the place of its row.</summary>
    [Benchmark]
    public string SessionIdNew() => SessionId.New(_now).RowKey;

    /// <summary>A cookie's session id, with the state that came back.</summary>
    [Benchmark]
    public bool SessionIdParseAndCheckState() => SessionId.TryParse(_idText)!.IsState(_state);

    /// <summary>The access code of a session.</summary>
    [Benchmark]
    public AccessCode AccessCodeDerive() => AccessCode.Of(_id);

    /// <summary>A code as typed.</summary>
    [Benchmark]
    public AccessCode? AccessCodeParse() => AccessCode.TryParse(_typed);

    /// <summary>Sealing 600 bytes.</summary>
    [Benchmark]
    public byte[] Seal() => AuthenticatedEncryption.Seal(_key, _content, "context");

    /// <summary>Opening 600 bytes.</summary>
    [Benchmark]
    public byte[]? Open() => AuthenticatedEncryption.Open(_key, _sealed, "context");

    /// <summary>A provider's token reply.</summary>
    [Benchmark]
    public object ReplyParser() => TokenReplyParser.Parse(HttpStatusCode.OK, Floors.Tokens, _provider, DateTimeOffset.UnixEpoch);

    /// <summary>The authorize URL with state and challenge.</summary>
    [Benchmark]
    public ValueTask<Uri?> AuthorizeUrl() =>
        _requests.AuthorizeUrl.BuildAsync(
            new(_app.OnlyRegistration!, _app.OnlyRegistration!.Scopes, _id.State, _id.CodeVerifier, Reauthenticate: false),
                CancellationToken.None);

    /// <summary>The page with the access code, headers and all.</summary>
    [Benchmark]
    public Task PageRendering() => _requests.RenderAsync(
        BrokerPages.AccessCode(_app, AccessCode.TryParse("a2B3c4D5")!, TimeSpan.FromMinutes(4),
            ("/create-session?scopes=read", "/create-session?scopes=read&prompt=select_account")));
}
