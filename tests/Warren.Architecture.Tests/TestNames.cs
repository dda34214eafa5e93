using System.Text.RegularExpressions;

namespace Warren.Architecture.Tests;

/// <summary>The names of all tests in the repository, as the compatibility tables write them.</summary>
internal sealed partial class TestNames
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Reads <c>Class.Method</c> from C# and <c>file::name</c> from Python and JavaScript.</summary>
    public static TestNames Collect()
    {
        var tests = new TestNames();
        foreach (string file in Repository.Files("tests", "*.cs"))
        {
            tests.AddClass(File.ReadAllText(file));
        }

        foreach (string file in Repository.Files("tests", "*.py").Concat(Repository.Files("tests", "*.js")).Concat(Repository.Files("tests", "*.mjs")))
        {
            tests.AddScript(Path.GetFileName(file), File.ReadAllText(file));
        }

        return tests;
    }

    /// <summary>Whether there is such a test; a class or file alone stands for all its tests.</summary>
    public bool Contains(string name) => _names.Contains(name);

    private void AddClass(string source)
    {
        foreach (Match type in TypeName().Matches(source))
        {
            string name = type.Groups["name"].Value;
            _names.Add(name);
            foreach (Match method in MethodName().Matches(source))
            {
                _names.Add($"{name}.{method.Groups["name"].Value}");
            }
        }
    }

    private void AddScript(string file, string source)
    {
        _names.Add(file);
        foreach (Match function in ScriptName().Matches(source))
        {
            _names.Add($"{file}::{function.Groups["name"].Value}");
        }
    }

    [GeneratedRegex(@"\bclass\s+(?<name>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\bpublic\s+(async\s+)?(void|Task|ValueTask)\s+(?<name>\w+)\(", RegexOptions.ExplicitCapture)]
    private static partial Regex MethodName();

    [GeneratedRegex(@"\b(def|function)\s+(?<name>\w+)|\b(test|it)\(\s*['""`](?<name>[^'""`]+)['""`]", RegexOptions.ExplicitCapture)]
    private static partial Regex ScriptName();
}
