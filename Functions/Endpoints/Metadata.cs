namespace TokenBroker.Endpoints;

/// <summary>
/// <c>GET /.well-known/oauth-authorization-server</c>: where standard clients learn what there is (RFC 8414). A public URL with a path is
/// found where §3.1 puts it, with the path at the end, and where its own path is in front.
/// </summary>
[RepliesTo(Audience.Game, ChangesNothing = true)]
public sealed class Metadata(BrokerOptions options)
{
    private const string Path = ".well-known/oauth-authorization-server";

    /// <summary>Answers with the metadata.</summary>
    /// <param name="request">The client's request.</param>
    /// <returns>200 with JSON as RFC 8414 §3.2 says; 404 for another path than the public URL's.</returns>
    [Function(nameof(Metadata))]
    public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", "options", Route = Path + "/{*issuerPath}")] HttpRequest request)
    {
        var asked = request.Path.Value![(request.Path.Value!.IndexOf(Path, StringComparison.OrdinalIgnoreCase) + Path.Length)..]
            .Trim('/');
        if (asked.Length > 0 && asked != options.PublicUrl.AbsolutePath.Trim('/'))
            return JsonReply.Failure(OAuthError.UnknownIssuer);
        return JsonReply.Status(StatusCodes.Status200OK, json =>
        {
            json.WriteString("issuer", options.Issuer);
            json.WriteString("device_authorization_endpoint", options.Url(Paths.DeviceAuthorization));
            json.WriteString("token_endpoint", options.Url(Paths.Token));
            json.WriteString("revocation_endpoint", options.Url(Paths.Revoke));
            Write("grant_types_supported", Token.DeviceGrantType, Token.RefreshGrantType);
            // There is no authorization endpoint: players come by create-session, which is not OAuth's, or by /device.
            Write("response_types_supported");
            Write("token_endpoint_auth_methods_supported", "none");
            Write("revocation_endpoint_auth_methods_supported", "none");
            Write("dpop_signing_alg_values_supported", DpopProofs.Algorithms);

            void Write(string name, params ReadOnlySpan<string> values)
            {
                json.WriteStartArray(name);
                foreach (var value in values)
                    json.WriteStringValue(value);
                json.WriteEndArray();
            }
        });
    }
}
