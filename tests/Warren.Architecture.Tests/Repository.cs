namespace Warren.Architecture.Tests;

/// <summary>The source tree the tests look at.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Warren.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Files below a folder of the repository that are neither built nor installed.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        string start = Path.Combine(Root, folder);
        return Directory.Exists(start)
            ? Directory.EnumerateFiles(start, pattern, SearchOption.AllDirectories).Where(IsSource).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>A path as it is written in messages and tables: relative, with slashes.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static bool IsSource(string path) =>
        !Relative(path).Split('/').Any(static part => part is "bin" or "obj" or "node_modules" or "TestResults");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Warren.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("the tests run outside the repository");
    }
}
