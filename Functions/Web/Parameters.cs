using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace TokenBroker.Web;

/// <summary>The parameters of a request: one without a value counts as absent (RFC 6749 §3.1), unknown ones are ignored.</summary>
internal sealed class Parameters
{
    private readonly Func<string, StringValues> _values;

    private Parameters(Func<string, StringValues> values) => _values = values;

    /// <summary>A parameter's value; null when it is absent.</summary>
    public string? this[string name] => _values(name) is [{ Length: > 0 } value] ? value : null;

    public static Parameters OfQuery(HttpRequest request) => new(name => request.Query[name]);

    /// <summary>The form of a POST; null when the body is of another type than RFC 6749 §4.1.3 asks for.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static async Task<Parameters?> OfFormAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ||
            !type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        try
        {
            var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
            return new(name => form[name]);
        }
        catch (Exception exception) when (exception is IOException or NotSupportedException)
        {
            // It was cut off, or is in an encoding that .NET does not read, such as UTF-7.
            throw new InvalidDataException("The form cannot be read.", exception);
        }
    }

    /// <summary>The first of some parameters that is given more than once; null when none is.</summary>
    public string? Repeated(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_values(name).Count > 1)
                return name;
        }
        return null;
    }
}
