using System.Text.Json.Nodes;

namespace Warren.Cli.Ctl.Output;

/// <summary>What a list command found: columns in order, and a value or null for each in every row.</summary>
internal sealed record ResultTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<JsonNode?>> Rows);
