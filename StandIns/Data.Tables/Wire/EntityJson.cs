using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Azure.Data.Tables.Wire;

/// <summary>Rows to and from the service's JSON, with <c>@odata.type</c> beside what JSON cannot tell.</summary>
internal static class EntityJson
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Columns = new();

    public static byte[] Write(ITableEntity entity)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var column in ColumnsOf(entity.GetType()))
            {
                if (column.GetValue(entity) is { } value)
                    Write(json, column.Name, value);
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static T Read<T>(JsonElement row) where T : class, ITableEntity
    {
        var entity = Activator.CreateInstance<T>();
        foreach (var column in ColumnsOf(typeof(T)))
        {
            if (row.TryGetProperty(column.Name, out var value) && value.ValueKind != JsonValueKind.Null)
                column.SetValue(entity, Read(value, Nullable.GetUnderlyingType(column.PropertyType) ?? column.PropertyType));
        }
        if (row.TryGetProperty("Timestamp", out var timestamp))
            entity.Timestamp = timestamp.GetDateTimeOffset();
        if (row.TryGetProperty("odata.etag", out var etag))
            entity.ETag = new(etag.GetString()!);
        return entity;
    }

    private static PropertyInfo[] ColumnsOf(Type type) => Columns.GetOrAdd(type, static type =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property is { CanRead: true, CanWrite: true } &&
                property.Name is not (nameof(ITableEntity.ETag) or nameof(ITableEntity.Timestamp)))]);

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteString(name, text);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case long number:
                json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
                json.WriteString(name + "@odata.type", "Edm.Int64");
                break;
            case DateTimeOffset instant:
                json.WriteString(name, instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
                json.WriteString(name + "@odata.type", "Edm.DateTime");
                break;
            case byte[] bytes:
                json.WriteBase64String(name, bytes);
                json.WriteString(name + "@odata.type", "Edm.Binary");
                break;
            default:
                throw new NotSupportedException($"Column '{name}' has a type that this stand-in does not store: {value.GetType()}.");
        }
    }

    private static object Read(JsonElement value, Type type) =>
        type == typeof(string) ? value.GetString()!
        : type == typeof(int) ? value.GetInt32()
        : type == typeof(bool) ? value.GetBoolean()
        : type == typeof(long) ? long.Parse(value.GetString()!, CultureInfo.InvariantCulture)
        : type == typeof(DateTimeOffset) ? value.GetDateTimeOffset()
        : type == typeof(byte[]) ? value.GetBytesFromBase64()
        : throw new NotSupportedException($"This stand-in does not read columns of type {type}.");
}
