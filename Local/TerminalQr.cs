using System.Text;
using QRCoder;

namespace TokenBroker.Local;

/// <summary>A QR code in a terminal: two rows of modules in each line, dark on light whatever the terminal's colours.</summary>
internal static class TerminalQr
{
    public static string Draw(string content)
    {
        using var code = QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.L);
        var rows = code.ModuleMatrix;
        var text = new StringBuilder();
        for (var y = 0; y < rows.Count; y += 2)
        {
            text.Append("\e[30;107m");
            for (var x = 0; x < rows.Count; x++)
            {
                var (upper, lower) = (rows[y][x], y + 1 < rows.Count && rows[y + 1][x]);
                text.Append((upper, lower) switch { (true, true) => '█', (true, false) => '▀', (false, true) => '▄', _ => ' ' });
            }
            text.AppendLine("\e[0m");
        }
        return text.ToString();
    }
}
