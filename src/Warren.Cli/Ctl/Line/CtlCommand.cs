namespace Warren.Cli.Ctl.Line;

/// <summary>One command: what it is called, what it takes, and what it does.</summary>
/// <param name="Name">The name as RabbitMQ has it.</param>
/// <param name="Arguments">The arguments as the usage line shows them, <c>&lt;name&gt; [&lt;other&gt;]</c>.</param>
/// <param name="Least">Fewest arguments.</param>
/// <param name="Most">Most arguments; <see cref="int.MaxValue"/> when there may be any number.</param>
/// <param name="Summary">One line for the list of commands.</param>
/// <param name="RunAsync">Does it; errors are thrown as <see cref="CtlError"/>.</param>
internal sealed record CtlCommand(
    string Name, string Arguments, int Least, int Most, string Summary, Func<CtlSession, CancellationToken, Task> RunAsync)
{
    /// <summary>The programs that know it.</summary>
    public CtlTools Tools { get; init; } = CtlTools.Ctl | CtlTools.Diagnostics;

    /// <summary>Its own options, beside those of all commands.</summary>
    public IReadOnlyList<CtlOption> Options { get; init; } = [];

    /// <summary>Seconds without an answer after which it gives up when nobody says otherwise; 0 for none.</summary>
    public int TimeoutSeconds { get; init; } = 60;

    /// <summary>The usage line.</summary>
    public string Usage
    {
        get
        {
            string arguments = Arguments.Length == 0 ? "" : $" {Arguments}";
            return string.Join(' ', [$"{Name}{arguments}", .. Options.Select(o => o.Usage)]);
        }
    }
}
