namespace Warren.Cli.Ctl.Output;

/// <summary>RabbitMQ's <c>--formatter</c>.</summary>
internal enum OutputFormat
{
    /// <summary>Tabs between columns, for people and for cut(1).</summary>
    Table,

    /// <summary>A drawn table.</summary>
    PrettyTable,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON object a line.</summary>
    JsonStream,

    /// <summary>RFC 4180 with every field quoted.</summary>
    Csv,

    /// <summary>Erlang terms.</summary>
    Erlang,
}
