using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /openapi.json</c>: every route, parameter and error as an OpenAPI 3.1 document. Tests hold it against the code.
/// </summary>
[RepliesTo(Audience.Game, ChangesNothing = true)]
public sealed class OpenApi(BrokerOptions options)
{
    /// <summary>By public URL, of which a process has one. Anybody may ask, and writing 80 KB takes a millisecond.</summary>
    private static readonly ConcurrentDictionary<string, byte[]> Documents = new();

    /// <summary>Answers with the document, whose server is the public URL.</summary>
    /// <param name="request">The request.</param>
    /// <returns>200 with JSON.</returns>
    [Function(nameof(OpenApi))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "options", Route = "openapi.json")] HttpRequest request) =>
        JsonReply.Raw(Documents.GetOrAdd(options.Issuer, Read));

    private static byte[] Read(string server)
    {
        using var file = typeof(OpenApi).Assembly.GetManifestResourceStream("openapi.json")!;
        var document = JsonNode.Parse(file)!;
        document["servers"]![0]!["url"] = server;
        return JsonSerializer.SerializeToUtf8Bytes(document, DocumentJson.Default.JsonNode);
    }
}

[JsonSerializable(typeof(JsonNode))]
internal sealed partial class DocumentJson : JsonSerializerContext;
