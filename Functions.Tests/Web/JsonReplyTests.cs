using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using TokenBroker.Web;

namespace TokenBroker.Tests.Web;

public sealed class JsonReplyTests
{
    [Fact]
    public async Task A_reply_that_fails_while_it_is_written_cuts_the_connection()
    {
        var http = new DefaultHttpContext
        {
            RequestServices = new ServiceCollection()
            .AddSingleton(new BrokerOptions(new("https://broker.example.com"))).BuildServiceProvider()
        };
        var connection = new Connection();
        http.Features.Set<IHttpRequestLifetimeFeature>(connection);
        var reply = JsonReply.Status(200, json =>
        {
            json.WriteString("half", "a reply");
            throw new InvalidOperationException();
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => reply.ExecuteAsync(http));
        Assert.True(connection.IsCut);
        Assert.Null(http.Response.ContentLength);
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public bool IsCut { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => IsCut = true;
    }
}
