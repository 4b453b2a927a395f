using System.Xml.Linq;
using TokenBroker.Tests.Infrastructure;

namespace TokenBroker.Tests.Endpoints;

public sealed class DeviceQrTests
{
    [ToolFact("rsvg-convert", "zbarimg")]
    public async Task The_picture_decodes_to_the_complete_verification_address()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var device = await game.StartDeviceAsync();
        var svg = await game.GetAsync($"/device/qr?user_code={device.Text("user_code")}");
        var folder = Directory.CreateTempSubdirectory();
        var (picture, bitmap) = (Path.Combine(folder.FullName, "qr.svg"), Path.Combine(folder.FullName, "qr.png"));
        await File.WriteAllTextAsync(picture, svg.Body);

        var (rendered, problem) = await Repository.RunAsync("rsvg-convert", picture, "--output", bitmap);
        Assert.True(rendered == 0, problem);
        var (decoded, text) = await Repository.RunAsync("zbarimg", "--quiet", "--raw", bitmap);

        folder.Delete(recursive: true);
        Assert.Equal((0, device.Text("verification_uri_complete")), (decoded, text.Split('\n')[0]));
    }

    [Fact]
    public async Task It_is_black_on_white_with_a_quiet_zone_and_says_in_text_what_it_is()
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.GetAsync("/device/qr?user_code=bcdfghjk");
        Assert.Equal((200, "image/svg+xml"), (reply.Status, reply.Response.Content.Headers.ContentType!.MediaType));
        Assert.Equal("cross-origin", Assert.Single(reply.Response.Headers.GetValues("Cross-Origin-Resource-Policy")));
        var svg = XDocument.Parse(reply.Body).Root!;
        Assert.Equal(("img", "text"), (svg.Attribute("role")!.Value, svg.Attribute("aria-labelledby")!.Value));
        Assert.Equal(("480", "480"), (svg.Attribute("width")!.Value, svg.Attribute("height")!.Value));
        var parts = svg.Elements().ToList();
        Assert.Equal($"QR code that opens {broker.Url}device with the code BCDF-GHJK", parts[0].Value);
        Assert.Equal(["#fff", "#000"], parts.Skip(1).Select(part => part.Attribute("fill")!.Value));
        var side = int.Parse(svg.Attribute("viewBox")!.Value.Split(' ')[2], System.Globalization.CultureInfo.InvariantCulture);
        // ISO/IEC 18004: the first finder pattern begins after four light modules.
        Assert.StartsWith("M4 4h1v1h-1z", parts[2].Attribute("d")!.Value, StringComparison.Ordinal);
        Assert.Contains($"M{side - 5} 4h", parts[2].Attribute("d")!.Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?user_code=")]
    [InlineData("?user_code=nonsense")]
    [InlineData("?user_code=BCDF-GHJK&user_code=BCDF-GHJK")]
    public async Task What_is_no_code_has_no_picture(string query)
    {
        await using var broker = await Broker.StartAsync();
        using var game = broker.NewGame();
        var reply = await game.GetAsync($"/device/qr{query}");
        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
    }
}
