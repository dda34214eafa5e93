using System.Text.Json.Nodes;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;

namespace Warren.Cli.Ctl;

/// <summary>One run of one command: what was asked, whom to ask, and where the answer goes.</summary>
internal sealed class CtlSession : IDisposable
{
    private readonly Func<ManagementApi> _open;
    private readonly Lazy<ManagementApi> _api;
    private string? _node;

    /// <param name="line">What was asked.</param>
    /// <param name="open">Makes the connection when the first command needs it.</param>
    /// <param name="streams">Where text comes from and goes to.</param>
    public CtlSession(ParsedLine line, Func<ManagementApi> open, CtlStreams streams)
    {
        Line = line;
        Streams = streams;
        Format = OutputFormats.Parse(line.Value(GlobalOptions.Formatter));
        IsSilent = line.Has(GlobalOptions.Silent);
        IsQuiet = IsSilent || line.Has(GlobalOptions.Quiet);
        ShowsHeaders = !IsSilent && !line.Has(GlobalOptions.NoTableHeaders);
        _open = open;
        _api = new Lazy<ManagementApi>(open);
    }

    /// <summary>The command line.</summary>
    public ParsedLine Line { get; }

    /// <summary>The arguments of the command.</summary>
    public IReadOnlyList<string> Arguments => Line.Arguments;

    /// <summary>Where text comes from and goes to.</summary>
    public CtlStreams Streams { get; }

    /// <summary>The form of the answer.</summary>
    public OutputFormat Format { get; }

    /// <summary>Whether lines that only accompany the answer are left out.</summary>
    public bool IsQuiet { get; }

    /// <summary>Whether even the names of columns are left out.</summary>
    public bool IsSilent { get; }

    /// <summary>Whether tables start with the names of their columns.</summary>
    public bool ShowsHeaders { get; }

    /// <summary>The virtual host of the command.</summary>
    public string VirtualHost => Line.VirtualHost;

    /// <summary>The management API.</summary>
    public ManagementApi Api => _api.Value;

    /// <summary>A connection of its own, for commands that wait until one can be made.</summary>
    public ManagementApi OpenApi() => _open();

    /// <summary>The name of the node that answers.</summary>
    public async Task<string> NodeAsync(CancellationToken cancellationToken)
    {
        if (_node is null)
        {
            JsonObject overview = await OverviewAsync(cancellationToken);
            _node = overview["node"]?.ToString() ?? Line.Value(GlobalOptions.Node) ?? "rabbit@localhost";
        }

        return _node;
    }

    /// <summary>The overview, which every user of the API may read.</summary>
    public async Task<JsonObject> OverviewAsync(CancellationToken cancellationToken) =>
        await Api.GetAsync("api/overview", cancellationToken) as JsonObject
        ?? throw new CtlError(CtlExit.Unavailable, "the overview is empty, is this a management API?");

    /// <summary>Says what is about to happen, if somebody wants to read it.</summary>
    public void Banner(string text)
    {
        if (!IsQuiet && Format.HasBanner())
        {
            Streams.Output.Write($"{text}\n");

            // What follows may take a while.
            Streams.Output.Flush();
        }
    }

    /// <summary>Writes text as it is.</summary>
    public void Write(string text) => Streams.Output.Write(text);

    /// <summary>Writes a table in the form that was asked for.</summary>
    public void Show(ResultTable table) => Write(TableFormatter.Format(table, Format, ShowsHeaders));

    /// <summary>Writes one answer: the text for people, or the object for programs.</summary>
    public void Show(string text, JsonObject value)
    {
        if (Format is OutputFormat.Json or OutputFormat.JsonStream)
        {
            Write($"{JsonText.Of(value)}\n");
        }
        else if (text.Length > 0)
        {
            Write(text.EndsWith('\n') ? text : $"{text}\n");
        }
    }

    /// <summary>Says that it is done: nothing for people, who were told before; an object for programs.</summary>
    public void Done(string text = "") => Show(text, text.Length == 0
        ? new JsonObject { ["result"] = "ok" }
        : new JsonObject { ["result"] = "ok", ["message"] = text });

    public void Dispose()
    {
        if (_api.IsValueCreated)
        {
            _api.Value.Dispose();
        }
    }
}
