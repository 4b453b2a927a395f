using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.Web;

/// <summary>The parameters of a request: one without a value counts as absent (RFC 6749 §3.1), unknown ones are ignored.</summary>
internal sealed class Parameters
{
    private readonly Func<string, StringValues> _values;

    private Parameters(Func<string, StringValues> values, OAuthError? error) => (_values, Error) = (values, error);

    /// <summary>Why the request cannot be answered; null when nothing is wrong.</summary>
    public OAuthError? Error { get; }

    /// <summary>A parameter's value; null when it is absent.</summary>
    public string? this[string name] => _values(name) is [{ Length: > 0 } value] ? value : null;

    /// <summary>
    /// Reads the form of a POST, which must be of the type that RFC 6749 §4.1.3 asks for, or the query of any other request.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="names">The parameters that the endpoint knows; none may be repeated (RFC 6749 §3.2).</param>
    /// <exception cref="InvalidDataException">The form cannot be read.</exception>
    public static async Task<Parameters> ReadAsync(HttpRequest request, params string[] names)
    {
        var isForm = HttpMethods.IsPost(request.Method);
        if (isForm && !IsFormType(request.ContentType))
            return new(_ => StringValues.Empty, OAuthError.NoForm);
        Func<string, StringValues> values = isForm ? await ReadFormAsync(request) : name => request.Query[name];
        var repeated = names.FirstOrDefault(name => values(name).Count > 1);
        return new(values, repeated is null ? null : OAuthError.Repeated(repeated));
    }

    private static bool IsFormType(string? contentType) => MediaTypeHeaderValue.TryParse(contentType, out var type) &&
        type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);

    private static async Task<Func<string, StringValues>> ReadFormAsync(HttpRequest request)
    {
        try
        {
            var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
            return name => form[name];
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException)
        {
            // It was cut off, or is in an encoding that .NET does not read, such as UTF-7.
            throw new InvalidDataException("The form cannot be read.", exception);
        }
    }
}
