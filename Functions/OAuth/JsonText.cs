namespace TokenBroker.OAuth;

/// <summary>The plain JSON that requests and replies are made of, by source generation.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(IDictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, JsonElement>))]
internal sealed partial class JsonText : JsonSerializerContext;
