namespace Warren.Cli.Ctl.Output;

/// <summary>The names of the formatters.</summary>
internal static class OutputFormats
{
    /// <summary>Reads a name; <c>string</c>, <c>report</c> and <c>plugins</c> are RabbitMQ's words for plain text.</summary>
    /// <exception cref="CtlError">There is no such formatter.</exception>
    public static OutputFormat Parse(string? name) => name switch
    {
        null or "table" or "string" or "report" or "plugins" => OutputFormat.Table,
        "pretty_table" => OutputFormat.PrettyTable,
        "json" => OutputFormat.Json,
        "json_stream" => OutputFormat.JsonStream,
        "csv" => OutputFormat.Csv,
        "erlang" => OutputFormat.Erlang,
        _ => throw CtlError.Usage(
            $"Formatter '{name}' is not supported; there are table, pretty_table, json, json_stream, csv and erlang"),
    };

    /// <summary>Whether a line for people may stand before the result.</summary>
    public static bool HasBanner(this OutputFormat format) => format is OutputFormat.Table or OutputFormat.PrettyTable;
}
