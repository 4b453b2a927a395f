using System.Buffers.Text;

namespace TokenBroker.SignIns;

/// <summary>What a game gives when it begins a sign-in, to have it back at the end.</summary>
/// <param name="RedirectUri">Where the player is sent back to.</param>
/// <param name="State"><c>state</c>.</param>
/// <param name="Nonce"><c>nonce</c>.</param>
/// <param name="Prompt"><c>prompt</c>.</param>
internal sealed record SealedParameters(string? RedirectUri, string? State, string? Nonce, string? Prompt)
{
    private const string Purpose = "parameters of the game";

    /// <summary>Nothing was given.</summary>
    public static readonly SealedParameters None = new(null, null, null, null);

    /// <summary>Seals them under a session's id; null when there is nothing to seal.</summary>
    public string? Seal(SessionId id)
    {
        if (this == None)
            return null;
        var json = JsonSerializer.SerializeToUtf8Bytes(this, SealedParametersJson.Default.SealedParameters);
        return Base64Url.EncodeToString(AuthenticatedEncryption.Seal(id.Derive(Purpose), json, id.RowKey));
    }

    /// <summary>Opens what is stored with a session.</summary>
    /// <exception cref="InvalidOperationException">It was altered.</exception>
    public static SealedParameters Open(Session session, SessionId id)
    {
        if (session.SealedParameters is not { } stored)
            return None;
        var json = AuthenticatedEncryption.Open(id.Derive(Purpose), Base64Url.DecodeFromChars(stored), id.RowKey)
            ?? throw new InvalidOperationException("The session's record was altered.");
        return JsonSerializer.Deserialize(json, SealedParametersJson.Default.SealedParameters)!;
    }

    /// <summary>Shows nothing of them.</summary>
    public override string ToString() => nameof(SealedParameters);
}

[JsonSerializable(typeof(SealedParameters))]
internal sealed partial class SealedParametersJson : JsonSerializerContext;
