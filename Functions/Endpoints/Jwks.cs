using Microsoft.IdentityModel.Tokens;

namespace TokenBroker.Endpoints;

/// <summary><c>GET /jwks</c>: the public keys of the broker's ID tokens (RFC 7517 §5).</summary>
[RepliesTo(Audience.Game, ChangesNothing = true)]
public sealed class Jwks(ISecrets secrets, TimeProvider time)
{
    /// <summary>Answers with the keys. Those who check may keep them for five minutes.</summary>
    /// <param name="request">The request of whoever checks an ID token.</param>
    /// <returns>200 with a key set, which is empty where the broker makes no ID tokens; 503 while the vault is down.</returns>
    [Function(nameof(Jwks))]
    public async Task<IResult> Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "options", Route = Paths.Jwks)] HttpRequest request)
    {
        var keys = await secrets.SigningKeysAsync(request.HttpContext.RequestAborted);
        request.HttpContext.Response.Headers.CacheControl = "public, max-age=300";
        request.HttpContext.Response.Headers.Remove("Pragma");
        return JsonReply.Status(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray("keys");
            foreach (var key in keys.Published(time.GetUtcNow()))
                Write(json, key);
            json.WriteEndArray();
        });
    }

    /// <summary>The public numbers and nothing else.</summary>
    private static void Write(Utf8JsonWriter json, SigningKey key)
    {
        json.WriteStartObject();
        json.WriteString("kty", key.Public.Kty);
        json.WriteString("use", JsonWebKeyUseNames.Sig);
        json.WriteString("alg", key.Algorithm);
        json.WriteString("kid", key.Id);
        string[] names = key.Public.Kty == JsonWebAlgorithmsKeyTypes.RSA ? ["n", "e"] : ["crv", "x", "y"];
        foreach (var name in names)
            json.WriteString(name, Value(key.Public, name));
        json.WriteEndObject();
    }

    private static string Value(JsonWebKey key, string name) => name switch
    {
        "n" => key.N,
        "e" => key.E,
        "crv" => key.Crv,
        "x" => key.X,
        "y" => key.Y,
        _ => throw new UnreachableException(),
    };
}
