using System.Text;

namespace TokenBroker.Local.Dev;

/// <summary>A request that a game makes, to be copied or run. Codes are in it, which are of use once; tokens never.</summary>
/// <param name="Url">The address.</param>
/// <param name="Fields">The form's fields.</param>
internal sealed record NextRequest(string Url, IReadOnlyList<(string Name, string Value)> Fields)
{
    /// <summary>As a command.</summary>
    public string Curl
    {
        get
        {
            var command = new StringBuilder($"curl '{Url}'");
            foreach (var (name, value) in Fields)
                command.Append(" \\\n  --data-urlencode '").Append(name).Append('=').Append(value).Append('\'');
            return command.ToString();
        }
    }

    /// <summary>In C#.</summary>
    public string CSharp
    {
        get
        {
            var fields = Fields.Select(each => $"    [\"{each.Name}\"] = \"{each.Value}\",");
            return $$"""
                using var http = new HttpClient();
                using var form = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                {{string.Join('\n', fields)}}
                });
                using var reply = await http.PostAsync("{{Url}}", form);
                Console.WriteLine(await reply.Content.ReadAsStringAsync());
                """;
        }
    }
}
