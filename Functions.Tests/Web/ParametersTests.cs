using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using TokenBroker.Tests.Infrastructure;
using TokenBroker.Web;

namespace TokenBroker.Tests.Web;

public sealed class ParametersTests
{
    [Theory]
    [InlineData("exchange-code")]
    [InlineData("token")]
    [InlineData("device_authorization")]
    [InlineData("device")]
    [InlineData("revoke")]
    public async Task A_form_in_an_encoding_that_nobody_reads_is_a_bad_request(string route)
    {
        await using var broker = await Broker.StartAsync();
        using var http = new HttpClient { BaseAddress = broker.Url };
        using var form = new ByteArrayContent("app=lifescope"u8.ToArray());
        form.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded; charset=utf-7");
        Assert.Equal(400, (int)(await http.PostAsync(new Uri(route, UriKind.Relative), form)).StatusCode);
        Assert.DoesNotContain("Critical", broker.LogText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_that_is_cut_off_is_told_from_a_fault_of_the_broker()
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "POST";
        http.Request.ContentType = "application/x-www-form-urlencoded";
        http.Request.Body = new ResetConnection();
        await Assert.ThrowsAsync<InvalidDataException>(() => Parameters.ReadAsync(http.Request));
    }

    private sealed class ResetConnection : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new ConnectionResetException("reset");
    }
}
