using System.Text;
using Warren.Cli.Ctl;
using Warren.Cli.Ctl.Line;
using Warren.Cli.Ctl.Output;
using Xunit;

namespace Warren.Cli.Tests;

public sealed class ProgressBarTests
{
    [Fact]
    public async Task Somebody_who_waits_at_a_terminal_sees_what_goes_on()
    {
        using var error = new WatchedWriter();

        int result = await RunAsync(error, isWatched: true, async () =>
        {
            await error.Written;
            return 7;
        });

        Assert.Equal(7, result);
        Assert.Contains("Importing", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, "--quiet")]
    [InlineData(true, "--silent")]
    public async Task Nothing_is_shown_to_a_pipe_or_to_who_wants_it_quiet(bool isWatched, params string[] options)
    {
        using var error = new WatchedWriter();

        int result = await RunAsync(
            error,
            isWatched,
            async () =>
            {
                await Task.Yield();
                return 7;
            },
            options);

        Assert.Equal((7, ""), (result, error.ToString()));
    }

    [Fact]
    public async Task Failure_of_the_work_comes_through()
    {
        using var error = new WatchedWriter();

        CtlError failure = await Assert.ThrowsAsync<CtlError>(() => RunAsync(error, isWatched: true, async () =>
        {
            await error.Written;
            throw new CtlError(CtlExit.Unavailable, "no");
        }));

        Assert.Equal("no", failure.Message);
    }

    private static async Task<int> RunAsync(TextWriter error, bool isWatched, Func<Task<int>> work, params string[] options)
    {
        ParsedLine line = LineParser.Parse(["import_definitions", .. options], CommandTable.All);
        var streams = new CtlStreams(TextReader.Null, TextWriter.Null, error, isWatched);
        using var session = new CtlSession(line, () => throw new InvalidOperationException("nothing is asked"), streams);
        return await ProgressBar.ShowAsync(session, "Importing", work, TimeSpan.Zero);
    }

    // Says when something was written.
    private sealed class WatchedWriter : StringWriter
    {
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Written => _written.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            base.Write(value);
            _written.TrySetResult();
        }

        public override void Write(string? value)
        {
            base.Write(value);
            _written.TrySetResult();
        }
    }
}
