using Microsoft.Extensions.Logging;

namespace Warren.Server.Logging;

/// <summary>Log lines in a file that is renamed to <c>name.1</c>, <c>name.2</c> … when it has grown.</summary>
/// <remarks>Not thread-safe. The file is opened with the first line, so that a full disk does not stop a start.</remarks>
public sealed class RollingFileSink : ILogSink
{
    private readonly string _path;
    private readonly long _rotationBytes;
    private readonly int _rotationCount;
    private FileStream? _file;

    /// <param name="path">The current file; its directory is made when missing.</param>
    /// <param name="level">The least serious level taken.</param>
    /// <param name="rotationBytes">Size at which a new file is begun.</param>
    /// <param name="rotationCount">Old files kept; 0 empties the file instead.</param>
    public RollingFileSink(string path, LogLevel level, long rotationBytes, int rotationCount)
    {
        _path = path;
        _rotationBytes = rotationBytes;
        _rotationCount = rotationCount;
        Level = level;
    }

    /// <inheritdoc/>
    public LogLevel Level { get; }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> lines)
    {
        _file ??= Open(FileMode.Append);
        if (_file.Length > 0 && _file.Length + lines.Length > _rotationBytes)
        {
            _file.Dispose();
            _file = null;
            Rotate();
            _file = Open(FileMode.Create);
        }

        _file.Write(lines);
        _file.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private FileStream Open(FileMode mode)
    {
        if (Path.GetDirectoryName(_path) is { Length: > 0 } directory)
        {
            Directory.CreateDirectory(directory);
        }

        return new FileStream(_path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    private void Rotate()
    {
        for (int number = _rotationCount; number > 0; number--)
        {
            string younger = number == 1 ? _path : $"{_path}.{number - 1}";
            if (File.Exists(younger))
            {
                File.Move(younger, $"{_path}.{number}", overwrite: true);
            }
        }
    }
}
