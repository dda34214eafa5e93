using Warren.Cli.Ctl.Line;

namespace Warren.Interop.Tests.Security;

/// <summary>One command of <c>warren ctl</c> over the HTTP API.</summary>
/// <param name="Line">The command with its arguments.</param>
/// <param name="Guard">Who may, by tag.</param>
/// <param name="Needs">The rights it takes besides.</param>
internal sealed record CtlRow(string Line, HttpGuard Guard, params Need[] Needs)
{
    /// <summary>What comes in on standard input.</summary>
    public string Input { get; init; } = "";

    /// <summary>Why it is not run: it asks nobody, or does something to this machine.</summary>
    public string? NotRun { get; init; }

    /// <summary>Whether only those are tried who may not: it would end the broker of this test.</summary>
    public bool OnlyRefused { get; init; }

    /// <summary>The exit code for those who may; another than 0 where there is nothing to find.</summary>
    public int Allowed { get; init; }

    /// <summary>The command.</summary>
    public string Command => Line.Split(' ')[0];

    /// <summary>The program it belongs to.</summary>
    public CtlTools Tools { get; init; } = CtlTools.All;

    /// <summary>Whether the broker refuses it.</summary>
    public bool IsRefused(Role role) =>
        new HttpRow("GET", "{vhost}", Guard, null, Needs).RefusalOf(role) is not null;
}
