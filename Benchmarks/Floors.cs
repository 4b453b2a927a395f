using System.Security.Cryptography;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace TokenBroker.Benchmarks;

/// <summary>What the broker is measured against, each in a process of its own.</summary>
internal static class Floors
{
    public static readonly byte[] Tokens =
        """
        {"access_token":"0123456789abcdef0123456789abcdef","token_type":"Bearer","expires_in":3600,
        "refresh_token":"0123456789abcdef0123456789abcdef"}
        """u8.ToArray();

    /// <summary>A provider that answers every token request at once.</summary>
    public static async Task<int> ProviderAsync(string port)
    {
        var app = Create(port);
        app.MapPost("/token", () => Results.Bytes(Tokens, "application/json"));
        app.MapGet("/userinfo", () => Results.Bytes("{\"sub\":\"player\"}"u8.ToArray(), "application/json"));
        await app.RunAsync();
        return 0;
    }

    /// <summary>Says hello, and nothing else.</summary>
    public static async Task<int> HelloAsync(string port)
    {
        var app = Create(port);
        app.MapGet("/hello", () => Results.Text("Hello, world"));
        await app.RunAsync();
        return 0;
    }

    /// <summary>
    /// The broker's three routes, which do nothing but the token call to the provider: none when <paramref name="provider"/> is empty.
    /// </summary>
    public static async Task<int> DoNothingAsync(string port, string provider)
    {
        using var http = new HttpClient();
        var app = Create(port);
        app.MapGet("/create-session", (HttpResponse response) =>
        {
            response.Headers.SetCookie = "unity_session_id=0; path=/; httponly";
            return Results.Redirect("http://localhost/authorize?state=0");
        });
        app.MapGet("/complete", async (HttpRequest request) =>
        {
            if (!request.QueryString.HasValue)
                return Results.Text("<p class=\"code\" id=\"access-code\">a2B3c4D5</p>", "text/html");
            if (provider.Length > 0)
                _ = await (await http.PostAsync(
                    new Uri($"http://127.0.0.1:{provider}/token"),
                        new FormUrlEncodedContent([new("code", "x")]))).Content.ReadAsByteArrayAsync();
            request.HttpContext.Response.Headers.Location = "/complete";
            return Results.StatusCode(303);
        });
        app.MapGet("/exchange-code", () => Results.Bytes(Tokens, "application/json"));
        await app.RunAsync();
        return 0;
    }

    /// <summary>
    /// The seven operations of a sign-in for every request, and nothing else: what the table service, its client and one request allow.
    /// </summary>
    public static async Task<int> BareOperationsAsync(string port, string storage)
    {
        var (sessions, codes) = (new TableClient(storage, "baresessions"), new TableClient(storage, "barecodes"));
        await sessions.CreateIfNotExistsAsync();
        await codes.CreateIfNotExistsAsync();
        var app = Create(port);
        app.MapGet("/", async () =>
        {
            var key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            var shard = key[..2];
            await sessions.AddEntityAsync(new BareRow { PartitionKey = shard, RowKey = key, Content = new byte[200] });
            var session = (await sessions.GetEntityIfExistsAsync<BareRow>(shard, key)).Value!;
            await sessions.UpdateEntityAsync(session, session.ETag, TableUpdateMode.Replace);
            await codes.AddEntityAsync(new BareRow { PartitionKey = shard, RowKey = key, Content = new byte[600] });
            await codes.GetEntityIfExistsAsync<BareRow>(shard, key);
            var entry = (await codes.GetEntityIfExistsAsync<BareRow>(shard, key)).Value!;
            await codes.DeleteEntityAsync(shard, key, entry.ETag);
            return Results.Ok();
        });
        await app.RunAsync();
        return 0;
    }

    private static WebApplication Create(string port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        return builder.Build();
    }

    private sealed class BareRow : ITableEntity
    {
        public string PartitionKey { get; set; } = "";

        public string RowKey { get; set; } = "";

        public DateTimeOffset? Timestamp { get; set; }

        public Azure.ETag ETag { get; set; }

        public byte[] Content { get; set; } = [];
    }
}
