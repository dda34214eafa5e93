using Warren.Core;
using Warren.Core.Arguments;
using Warren.Management.Routing;

namespace Warren.Management.Definitions;

/// <summary>Definitions that are brought in before the first client comes.</summary>
public static class DefinitionsFile
{
    /// <summary>Imports a file, or every <c>.json</c> file of a directory in the order of their names.</summary>
    /// <returns>How many files.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="InvalidDataException">Something in it cannot be used; what came before stays.</exception>
    public static int Import(Broker broker, string path)
    {
        string[] files = Directory.Exists(path)
            ? [.. Directory.GetFiles(path, "*.json").Order(StringComparer.Ordinal)]
            : [path];
        foreach (string file in files)
        {
            try
            {
                DefinitionsImport.Run(broker, RequestBody.Parse(File.ReadAllBytes(file), "it is not JSON"), creator: null);
            }
            catch (Exception e) when (e is ApiError or BrokerError)
            {
                throw new InvalidDataException($"definitions in {file} cannot be used: {e.Message.ReplaceLineEndings(" ").Trim()}", e);
            }
        }

        return files.Length;
    }
}
