using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Commands;

/// <summary>What takes the memory, the largest first.</summary>
/// <param name="Parts">Name and bytes.</param>
/// <param name="Total">All of it in bytes, of which the percentages are.</param>
internal sealed record MemoryView(IReadOnlyList<(string Name, long Bytes)> Parts, long Total)
{
    /// <summary>Reads the answer of <c>/api/nodes/:node/memory</c>.</summary>
    public static MemoryView Of(JsonObject? answer)
    {
        JsonObject memory = answer?["memory"] as JsonObject ?? [];
        (string Name, long Bytes)[] parts =
        [
            .. memory.Where(m => m.Key != "total" && m.Value is JsonValue v && v.GetValueKind() == JsonValueKind.Number)
                .Select(m => (m.Key, (long)m.Value!.GetValue<double>()))
                .OrderByDescending(m => m.Item2),
        ];
        long total = memory["total"] is JsonObject totals
            ? totals.Max(t => t.Value is JsonValue v && v.GetValueKind() == JsonValueKind.Number ? (long)v.GetValue<double>() : 0)
            : parts.Sum(p => p.Bytes);
        return new MemoryView(parts, total);
    }

    /// <summary>Lines such as <c>code: 0.037 gb (23.3%)</c>.</summary>
    public string Lines(string unit, string beforePercent) =>
        string.Concat(Parts.Select(p => $"{p.Name}: {ByteUnits.Text(p.Bytes, unit)} {unit} ({Percent(p.Bytes)}{beforePercent}%)\n"));

    /// <summary>The object of memory_breakdown --formatter json.</summary>
    public JsonObject ToJson()
    {
        var parts = new JsonObject();
        foreach ((string name, long bytes) in Parts)
        {
            parts[name] = new JsonObject { ["bytes"] = bytes, ["percentage"] = Share(bytes) };
        }

        return parts;
    }

    private double Share(long bytes) => Total == 0 ? 0 : Math.Round(100.0 * bytes / Total, 2);

    private string Percent(long bytes) => Share(bytes).ToString("0.0#", CultureInfo.InvariantCulture);
}
