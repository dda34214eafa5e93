using Warren.Cli;

var invocation = Invocation.Of(Invocation.ProgramName(), args);
if (invocation.Personality != Personality.Warren)
{
    return await ToolCommand.RunAsync(invocation, CancellationToken.None);
}

// Before the first socket: what arrives is handled on the thread that saw it arrive (docs/decisions/0010).
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

return await new WarrenCommand(Console.Out, Console.Error).RunAsync(args, CancellationToken.None);
