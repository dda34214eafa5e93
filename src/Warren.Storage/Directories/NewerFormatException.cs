namespace Warren.Storage.Directories;

/// <summary>A newer version of the program wrote the data and said that this one must not read it. Nothing was changed.</summary>
public sealed class NewerFormatException : IOException
{
    /// <param name="path">The directory or file.</param>
    /// <param name="needed">Format version a reader must know.</param>
    /// <param name="known">Format version this program knows.</param>
    public NewerFormatException(string path, int needed, int known)
        : base($"{path} needs a program that reads format {needed}; this one reads up to {known}")
    {
        Needed = needed;
        Known = known;
    }

    /// <summary>Format version a reader must know.</summary>
    public int Needed { get; }

    /// <summary>Format version this program knows.</summary>
    public int Known { get; }
}
