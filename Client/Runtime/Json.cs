#nullable enable
using System.IO;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace TokenBroker.Client
{
    /// <summary>JSON as it came: dates stay text, and a member of another type than expected is none.</summary>
    internal static class Json
    {
        public static JToken? Parse(string text)
        {
            try
            {
                using var reader = new JsonTextReader(new StringReader(text)) { DateParseHandling = DateParseHandling.None };
                return JToken.ReadFrom(reader);
            }
            catch (JsonException)
            {
                // A proxy's page, or a hotel's: no broker answers so.
                return null;
            }
        }

        public static string? Text(JObject json, string name) =>
            json[name] is JValue { Type: JTokenType.String } value ? (string?)value : null;

        public static double? Number(JObject json, string name) =>
            json[name] is JValue { Type: JTokenType.Integer or JTokenType.Float } value ? (double)value : (double?)null;
    }
}
