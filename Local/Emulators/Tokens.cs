using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace TokenBroker.Local.Emulators;

/// <summary>Tokens that an emulated provider has given out, and what for.</summary>
internal sealed class Tokens
{
    private readonly ConcurrentDictionary<string, Authorization> _issued = new();

    public static string NewValue(int length) => RandomNumberGenerator.GetHexString(length, lowercase: true);

    public string New(Authorization authorization, int length)
    {
        var token = NewValue(length);
        _issued[token] = authorization;
        return token;
    }

    public Authorization? Find(string? token) => token is null ? null : _issued.GetValueOrDefault(token);

    /// <summary>Finds and forgets: what a provider that rotates refresh tokens does.</summary>
    public Authorization? Take(string? token) =>
        token is not null && _issued.TryRemove(token, out var authorization) ? authorization : null;
}
