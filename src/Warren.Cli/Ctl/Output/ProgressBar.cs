using Spectre.Console;

namespace Warren.Cli.Ctl.Output;

/// <summary>A bar for whoever waits at a terminal for something that takes long; gone when it is done.</summary>
internal static class ProgressBar
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    /// <summary>Does something, with a bar if it takes long and somebody watches who did not ask for quiet.</summary>
    /// <param name="session">Where the bar goes.</param>
    /// <param name="what">What is being done.</param>
    /// <param name="work">Does it.</param>
    /// <param name="patience">How long nothing is shown; null: 700 ms.</param>
    public static async Task<T> ShowAsync<T>(CtlSession session, string what, Func<Task<T>> work, TimeSpan? patience = null)
    {
        Task<T> working = work();
        if (!session.Streams.IsWatched
            || session.IsQuiet
            || await Task.WhenAny(working, Task.Delay(patience ?? Patience)) == working)
        {
            return await working;
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(session.Streams.Error) });
        await console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                // The API says nothing on the way, so the bar shows only that it goes on.
                progress.AddTask(Markup.Escape(what)).IsIndeterminate = true;
                await Task.WhenAny(working);
            });
        return await working;
    }
}
