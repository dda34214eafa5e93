namespace Warren.Cli.Ctl.Line;

/// <summary>The options every command takes, before or after its name.</summary>
internal static class GlobalOptions
{
    public static readonly CtlOption Node = new("node", 'n', "node");
    public static readonly CtlOption VirtualHost = new("vhost", 'p', "vhost");
    public static readonly CtlOption Quiet = new("quiet", 'q');
    public static readonly CtlOption Silent = new("silent", 's');
    public static readonly CtlOption Timeout = new("timeout", 't', "seconds");
    public static readonly CtlOption Formatter = new("formatter", null, "table|json|json_stream|csv|pretty_table|erlang");
    public static readonly CtlOption NoTableHeaders = new("no-table-headers");
    public static readonly CtlOption File = new("file", null, "file");
    public static readonly CtlOption Help = new("help", '?');
    public static readonly CtlOption Version = new("version");
    public static readonly CtlOption DryRun = new("dry-run");

    // Where the broker is: our own, RabbitMQ's tools have a cookie instead.
    public static readonly CtlOption Url = new("url", null, "http://user:password@host:15672");
    public static readonly CtlOption Uri = new("uri", 'U', "url");
    public static readonly CtlOption UserName = new("username", null, "user");
    public static readonly CtlOption Password = new("password", null, "password");
    public static readonly CtlOption DataDirectory = new("data-dir", null, "directory");
    public static readonly CtlOption Insecure = new("insecure", 'k');
    public static readonly CtlOption CaCertificate = new("ca-cert-file", null, "file");

    /// <summary>All of them. Some mean something to Erlang only and are taken without effect.</summary>
    public static IReadOnlyList<CtlOption> All { get; } =
    [
        Node, VirtualHost, Quiet, Silent, Timeout, Formatter, NoTableHeaders, File, Help, Version, DryRun,
        Url, Uri, UserName, Password, DataDirectory, Insecure, CaCertificate,
        new CtlOption("table-headers"),
        new CtlOption("longnames", 'l'),
        new CtlOption("erlang-cookie", null, "cookie"),
        new CtlOption("print-stacktrace"),
        new CtlOption("script-name", null, "name"),
        new CtlOption("aliases-file", null, "file"),
        new CtlOption("printer", null, "printer"),
    ];
}
