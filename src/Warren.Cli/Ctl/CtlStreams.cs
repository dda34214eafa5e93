namespace Warren.Cli.Ctl;

/// <summary>Where a tool reads and writes text.</summary>
/// <param name="Input">Passwords and definitions come from here.</param>
/// <param name="Output">Answers.</param>
/// <param name="Error">Errors, and bars that show how long things take.</param>
/// <param name="IsWatched">Whether output and errors go to a terminal, where somebody waits.</param>
internal sealed record CtlStreams(TextReader Input, TextWriter Output, TextWriter Error, bool IsWatched = false);
