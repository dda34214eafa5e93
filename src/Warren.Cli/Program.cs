using Warren.Cli;

return await WarrenCommand.RunAsync(args, CancellationToken.None);
