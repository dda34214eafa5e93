using Warren.Cli.Ctl;
using Warren.Cli.Ctl.Admin;
using Warren.Cli.Ctl.Line;

namespace Warren.Cli.Tests;

/// <summary>What one run of a tool printed and ended with.</summary>
internal sealed record Tool(int ExitCode, string Output, string Error)
{
    /// <summary>Runs <c>warren ctl</c> with words separated by spaces; <c>~</c> stands for a space within one.</summary>
    public static Task<Tool> Ctl(FakeBroker broker, string line, string input = "") => Ctl(broker, Words(line), input);

    /// <summary>Runs <c>warren ctl</c>.</summary>
    public static async Task<Tool> Ctl(FakeBroker broker, string[] words, string input = "", CtlTools tools = CtlTools.All)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var program = new CtlProgram(tools, new CtlStreams(new StringReader(input), output, error), (_, _) => broker, () => []);
        int exitCode = await program.RunAsync(words, CancellationToken.None);
        return new Tool(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs rabbitmqadmin.</summary>
    public static async Task<Tool> Admin(FakeBroker broker, string[] words, string input = "")
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var program = new AdminProgram(new CtlStreams(new StringReader(input), output, error), (_, _) => broker);
        int exitCode = await program.RunAsync(words, CancellationToken.None);
        return new Tool(exitCode, output.ToString(), error.ToString());
    }

    private static string[] Words(string line) => [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Replace('~', ' '))];
}
