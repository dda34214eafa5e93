using Warren.Buffers.Fields;

namespace Warren.Core.Exchanges;

/// <summary>Headers of one message as far as a headers exchange has looked them up; kept for the next message.</summary>
internal sealed class HeaderScratch
{
    private FieldValue[] _values = [];
    private int[] _marks = []; // +message: found, -message: looked up, not there
    private int _message;

    /// <summary>Begins with a message in an exchange that looks at that many headers.</summary>
    public void Begin(int names)
    {
        if (_marks.Length < names)
        {
            int capacity = Math.Max(names, _marks.Length * 2);
            _marks = new int[capacity];
            _values = new FieldValue[capacity];
            _message = 0;
        }

        if (++_message == int.MaxValue)
        {
            Array.Clear(_marks);
            _message = 1;
        }
    }

    /// <summary>Finds a header, in the encoded properties the first time it is asked for.</summary>
    public bool TryFind(in RoutingInput input, HeaderName name, out FieldValue value)
    {
        int mark = _marks[name.Index];
        if (mark == _message)
        {
            value = _values[name.Index];
            return true;
        }

        if (mark == -_message || !input.TryFindHeader(name.Utf8, out value))
        {
            _marks[name.Index] = -_message;
            value = default;
            return false;
        }

        _marks[name.Index] = _message;
        _values[name.Index] = value;
        return true;
    }

    /// <summary>Ends with a message: lets go of its values.</summary>
    public void End(int names) => Array.Clear(_values, 0, Math.Min(names, _values.Length));
}
