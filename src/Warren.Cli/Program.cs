using Warren.Cli;

return await new WarrenCommand(Console.Out, Console.Error).RunAsync(args, CancellationToken.None);
