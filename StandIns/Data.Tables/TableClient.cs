using System.Globalization;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables.Models;
using Azure.Data.Tables.Wire;

namespace Azure.Data.Tables;

/// <summary>One table of a storage account, over the Table service's REST API.</summary>
public class TableClient
{
    private const string Scope = "https://storage.azure.com/.default";
    private const string JsonFormat = "$format=application%2Fjson%3Bodata%3Dminimalmetadata";
    private readonly TableRequests _requests = null!;

    /// <summary>For mocks.</summary>
    protected TableClient() => Name = "";

    /// <summary>A table reached by connection string.</summary>
    /// <param name="connectionString">The account's connection string; <c>UseDevelopmentStorage=true</c> is the emulator.</param>
    /// <param name="tableName">The table's name.</param>
    /// <param name="options">Transport and retries.</param>
    public TableClient(string connectionString, string tableName, TableClientOptions? options = null)
        : this(ConnectionString.Parse(connectionString), tableName, options)
    {
    }

    /// <summary>A table reached by identity.</summary>
    /// <param name="endpoint">The account's table endpoint.</param>
    /// <param name="tableName">The table's name.</param>
    /// <param name="tokenCredential">Who asks.</param>
    /// <param name="options">Transport and retries.</param>
    public TableClient(Uri endpoint, string tableName, TokenCredential tokenCredential, TableClientOptions? options = null)
        : this(endpoint, tableName, options, new BearerTokenAuthenticationPolicy(tokenCredential, Scope))
    {
    }

    private TableClient(ConnectionString connection, string tableName, TableClientOptions? options)
        : this(connection.Endpoint, tableName, options, new SharedKeyLitePolicy(connection.Account, connection.Key))
    {
    }

    private TableClient(Uri endpoint, string tableName, TableClientOptions? options, HttpPipelinePolicy authentication)
    {
        Name = tableName;
        _requests = new(endpoint, tableName, HttpPipelineBuilder.Build(new HttpPipelineOptions(options ?? new())
        {
            PerRetryPolicies = { authentication },
            RequestFailedDetailsParser = new ErrorParser(),
        }));
    }

    /// <summary>The table's name.</summary>
    public virtual string Name { get; }

    /// <summary>Writes an OData filter with every argument quoted for its type.</summary>
    /// <param name="filter">An interpolated filter.</param>
    /// <returns>The filter as the service reads it.</returns>
    public static string CreateQueryFilter(FormattableString filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return string.Format(CultureInfo.InvariantCulture, filter.Format, Array.ConvertAll(filter.GetArguments(), Literal));

        static object Literal(object? value) => value switch
        {
            string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
            DateTimeOffset instant => $"datetime'{instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}'",
            long number => number.ToString(CultureInfo.InvariantCulture) + "L",
            int number => number.ToString(CultureInfo.InvariantCulture),
            bool flag => flag ? "true" : "false",
            _ => throw new ArgumentException($"This stand-in does not filter by {value?.GetType().ToString() ?? "null"}."),
        };
    }

    /// <summary>Creates the table unless it is there.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The table.</returns>
    public virtual async Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["TableName"] = Name });
        using var message = _requests.Create(RequestMethod.Post, "Tables", JsonFormat, body);
        message.Request.Headers.Add("Prefer", "return-no-content");
        var response = await _requests.SendAsync(message, cancellationToken, 201, 204, 409);
        return Response.FromValue(new TableItem(Name), response);
    }

    /// <summary>Stores a new row.</summary>
    /// <param name="entity">The row.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The service's answer, with the row's ETag.</returns>
    /// <exception cref="RequestFailedException">409 <c>EntityAlreadyExists</c>: there is such a row.</exception>
    public virtual async Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default) where T : ITableEntity
    {
        using var message = _requests.Create(RequestMethod.Post, Name, JsonFormat, EntityJson.Write(entity));
        message.Request.Headers.Add("Prefer", "return-no-content");
        return await _requests.SendAsync(message, cancellationToken, 201, 204);
    }

    /// <summary>Reads a row if it is there.</summary>
    /// <param name="partitionKey">Its partition.</param>
    /// <param name="rowKey">Its name in the partition.</param>
    /// <param name="select">The columns to read; all when null.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The row; without a value on any 404.</returns>
    public virtual async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        var columns = select is null ? "" : "&$select=" + Uri.EscapeDataString(string.Join(',', select));
        using var message = _requests.Create(RequestMethod.Get, _requests.Row(partitionKey, rowKey), JsonFormat + columns);
        var response = await _requests.SendAsync(message, cancellationToken, 200, 404);
        if (response.Status == 404)
            return new NoRow<T>(response);
        using var json = JsonDocument.Parse(response.Content);
        return Response.FromValue(EntityJson.Read<T>(json.RootElement), response);
    }

    /// <summary>Changes a stored row.</summary>
    /// <param name="entity">The row.</param>
    /// <param name="ifMatch">The version that must still be stored.</param>
    /// <param name="mode">Whether columns that the entity lacks stay.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The service's answer, with the row's new ETag.</returns>
    /// <exception cref="RequestFailedException">412: the row has changed; 404: it is gone.</exception>
    public virtual async Task<Response> UpdateEntityAsync<T>(
        T entity, ETag ifMatch, TableUpdateMode mode = TableUpdateMode.Merge, CancellationToken cancellationToken = default)
        where T : ITableEntity
    {
        if (ifMatch == default)
            throw new ArgumentException("An update needs an ETag.", nameof(ifMatch));
        var method = mode == TableUpdateMode.Replace ? RequestMethod.Put : RequestMethod.Parse("MERGE");
        using var message = _requests.Create(method, _requests.Row(entity.PartitionKey, entity.RowKey), JsonFormat, EntityJson.Write(entity));
        message.Request.Headers.Add("If-Match", ifMatch.ToString("H"));
        return await _requests.SendAsync(message, cancellationToken, 204);
    }

    /// <summary>Removes a row.</summary>
    /// <param name="partitionKey">Its partition.</param>
    /// <param name="rowKey">Its name in the partition.</param>
    /// <param name="ifMatch">The version that must still be stored; any when default.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>204 when the row was removed by this call, 404 when there was none.</returns>
    /// <exception cref="RequestFailedException">412: the row has changed.</exception>
    public virtual async Task<Response> DeleteEntityAsync(
        string partitionKey, string rowKey, ETag ifMatch = default, CancellationToken cancellationToken = default)
    {
        using var message = _requests.Create(RequestMethod.Delete, _requests.Row(partitionKey, rowKey), JsonFormat);
        message.Request.Headers.Add("If-Match", (ifMatch == default ? ETag.All : ifMatch).ToString("H"));
        return await _requests.SendAsync(message, cancellationToken, 204, 404);
    }

    /// <summary>Reads the rows that pass a filter, page by page.</summary>
    /// <param name="filter">An OData filter; all rows when null.</param>
    /// <param name="maxPerPage">Rows a page, at most 1,000.</param>
    /// <param name="select">The columns to read; all when null.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The rows, fetched as they are asked for.</returns>
    public virtual AsyncPageable<T> QueryAsync<T>(
        string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        var query = JsonFormat +
            (filter is null ? "" : "&$filter=" + Uri.EscapeDataString(filter)) +
            (maxPerPage is null ? "" : $"&$top={maxPerPage}") +
            (select is null ? "" : "&$select=" + Uri.EscapeDataString(string.Join(',', select)));
        return new EntityPages<T>(_requests, Name, query, cancellationToken);
    }

    /// <summary>Makes up to 100 changes to one partition, all or none.</summary>
    /// <param name="transactionActions">The changes.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>One answer for each change.</returns>
    /// <exception cref="TableTransactionFailedException">A change was refused, so none was made.</exception>
    public virtual async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        using var message = _requests.CreateBatch(transactionActions);
        var response = await _requests.SendAsync(message, cancellationToken, 202);
        var parts = await MultipartResponse.ParseAsync(response, expectCrLf: true, cancellationToken);
        if (parts.FirstOrDefault(part => part.IsError || part.Status >= 400) is { } refused)
            throw Refused(refused);
        return Response.FromValue<IReadOnlyList<Response>>(parts, response);
    }

    /// <summary>The refused part's message begins with the number of the action: <c>3:The specified resource…</c>.</summary>
    private static TableTransactionFailedException Refused(Response part)
    {
        var cause = new RequestFailedException(part, null, new ErrorParser());
        var number = cause.Message.Split(':')[0];
        return new(cause, int.TryParse(number, CultureInfo.InvariantCulture, out var index) ? index : null);
    }

    private sealed class NoRow<T>(Response response) : NullableResponse<T>
    {
        public override bool HasValue => false;

        public override T? Value => throw new InvalidOperationException("There is no such row.");

        public override Response GetRawResponse() => response;
    }
}
