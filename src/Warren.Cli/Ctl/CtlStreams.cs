namespace Warren.Cli.Ctl;

/// <summary>Where text comes from and goes to; the console, or strings in a test.</summary>
internal sealed record CtlStreams(TextReader Input, TextWriter Output, TextWriter Error);
