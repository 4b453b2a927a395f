using System.Security.Cryptography;
using System.Text;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;
using TokenBroker.SignIns;

namespace TokenBroker.Tests.Fuzz;

/// <summary>DPoP proofs, whose key, claims and signature a stranger chooses.</summary>
public sealed class ProofFuzzTests
{
    private const string Address = "https://broker.example.com/token";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static string Jwk
    {
        get
        {
            var point = Key.ExportParameters(includePrivateParameters: false).Q;
            return $$"""{"kty":"EC","crv":"P-256","x":"{{Base64UrlEncoder.Encode(point.X)}}","y":"{{Base64UrlEncoder.Encode(point.Y)}}"}""";
        }
    }

    private static string Claims => $$"""{"jti":"1","htm":"POST","htu":"{{Address}}","iat":{{Now.ToUnixTimeSeconds()}}}""";

    [Fact]
    public void Any_text_is_a_proof_that_was_signed_as_it_stands_or_none()
    {
        var genuine = Sign(Header(Jwk), Encoding.UTF8.GetBytes(Claims));
        Assert.False(Check(genuine).IsInvalid);
        var signed = genuine[..genuine.LastIndexOf('.')];
        Fuzz.Check("dpop-proof", Gen.Constant(genuine), input =>
        {
            var text = Inputs.Text(input);
            var check = Check(text);
            Assert.Equal(check.IsInvalid, check.Key is null);
            Assert.True(check.IsInvalid || text.StartsWith($"{signed}.", StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Any_claims_under_a_good_signature_are_a_proof_for_this_request_or_none() =>
        Fuzz.Check("dpop-claims", Gen.Constant(Claims), input =>
        {
            var check = Check(Sign(Header(Jwk), input));
            if (!check.IsInvalid)
                Assert.Contains("broker.example.com", Encoding.UTF8.GetString(input).Replace("\\u", "", StringComparison.Ordinal),
                    StringComparison.OrdinalIgnoreCase);
        });

    [Fact]
    public void Any_key_in_a_proof_s_header_is_the_one_that_signed_it_or_none() =>
        Fuzz.Check("dpop-key", Gen.Constant(Jwk), input =>
        {
            var check = Check(Sign(Header(Encoding.UTF8.GetString(input)), Encoding.UTF8.GetBytes(Claims)));
            Assert.True(check.IsInvalid || check.Key == Base64UrlEncoder.Encode(new JsonWebKey(Jwk).ComputeJwkThumbprint()));
        });

    private static DpopCheck Check(string proof)
    {
        using var proofs = new DpopProofs(new FakeTimeProvider(Now));
        var checking = proofs.CheckAsync([proof], "POST", Address);
        return checking.IsCompletedSuccessfully
            ? checking.Result
            : throw new InvalidOperationException("It does not answer.", checking.Exception);
    }

    private static byte[] Header(string jwk) => Encoding.UTF8.GetBytes($$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{{jwk}}}""");

    private static string Sign(byte[] header, byte[] claims)
    {
        var signed = $"{Base64UrlEncoder.Encode(header)}.{Base64UrlEncoder.Encode(claims)}";
        return $"{signed}.{Base64UrlEncoder.Encode(Key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }
}
