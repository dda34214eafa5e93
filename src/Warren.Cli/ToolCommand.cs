using System.Text;
using Warren.Cli.Ctl;
using Warren.Cli.Ctl.Admin;
using Warren.Cli.Ctl.Api;
using Warren.Cli.Ctl.Line;
using Warren.Server;

namespace Warren.Cli;

/// <summary>Runs a tool on the console. Apart from the server, so that each loads only its own code.</summary>
internal static class ToolCommand
{
    private const int OutputBufferSize = 32 * 1024;

    /// <summary>Runs it and returns its exit code.</summary>
    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        // A list of a hundred thousand queues is one write per buffer, not one per line.
        await using var output = new StreamWriter(
            Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), OutputBufferSize);
        output.AutoFlush = false;
        var streams = new CtlStreams(
            Console.In, output, Console.Error, IsWatched: !Console.IsOutputRedirected && !Console.IsErrorRedirected);
        int exitCode = invocation.Personality == Personality.Admin
            ? await new AdminProgram(streams, ApiTransport.Open).RunAsync(invocation.Arguments, cancellationToken)
            : await new CtlProgram(ToolsOf(invocation.Personality), streams, ApiTransport.Open, DataDirectories)
                .RunAsync(invocation.Arguments, cancellationToken);
        try
        {
            await output.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // whoever read the other end of the pipe has seen enough
            return CtlExit.Unexpected;
        }

        return exitCode;
    }

    private static CtlTools ToolsOf(Personality personality) => personality switch
    {
        Personality.Plugins => CtlTools.Plugins,
        Personality.Queues => CtlTools.Queues,
        Personality.Streams => CtlTools.Streams,
        Personality.Upgrade => CtlTools.Upgrade,
        Personality.Ctl => CtlTools.Ctl | CtlTools.Diagnostics,
        _ => CtlTools.All,
    };

    private static IEnumerable<string> DataDirectories() =>
        Environment.GetEnvironmentVariable("WARREN_DATA_DIR") is { Length: > 0 } named ? [named] : DataDirectoryLocation.Candidates();
}
